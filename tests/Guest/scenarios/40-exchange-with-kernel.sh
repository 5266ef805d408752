# timeout: 600
# kernels: 6.12
scenario "a COW store written by us loads in the kernel's dm-snapshot with the same content, and the reverse, with small and large chunks"

daemon
check modprobe dm-snapshot
length=65536
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=32 oflag=direct status=none
# write_to DEVICE SEED: a fixed pattern of writes, many of them smaller than a chunk.
write_to() {
  check fio --name=w --filename="$1" --ioengine=libaio --direct=1 --rw=randwrite --bsrange=512-24k --iodepth=8 --size=32M --io_size=8M \
    --randseed="$2" --buffer_pattern=0x"$2"$2$2$2 --output-format=terse >/dev/null
}
for chunk in 1 8 128; do
  check blkdiscard --zeroout --length 80M /dev/scratch1
  table="0 $length snapshot /dev/scratch0 /dev/scratch1 P $chunk"
  create ours "$table"
  write_to /dev/ublk-dm/ours 21
  ours=$(digest /dev/ublk-dm/ours)
  status=$(info_line ours)
  remove ours

  kernel_dm kernel "$table"
  equal "our store in the kernel, chunk $chunk" "$ours" "$(digest /dev/mapper/kernel)"
  equal "its status, chunk $chunk" "0 $length snapshot $status" "$(dmsetup status kernel)"
  write_to /dev/mapper/kernel 43
  theirs=$(digest /dev/mapper/kernel)
  status=$(dmsetup status kernel)
  kernel_dm_remove kernel

  create ours "$table"
  equal "the kernel's store in ours, chunk $chunk" "$theirs" "$(digest /dev/ublk-dm/ours)"
  equal "status as the kernel's, chunk $chunk" "$status" "0 $length snapshot $(info_line ours)"
  write_to /dev/ublk-dm/ours 65
  ours=$(digest /dev/ublk-dm/ours)
  remove ours
  kernel_dm kernel "$table"
  equal "and once more back, chunk $chunk" "$ours" "$(digest /dev/mapper/kernel)"
  kernel_dm_remove kernel
  echo "chunk $chunk: $status"
done

pass
