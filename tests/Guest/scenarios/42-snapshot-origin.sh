# timeout: 900
# kernels: 7.2
scenario "an origin is written under fio verify while snapshots of it come and go: each is the origin at its instant, in ours and in the kernel's dm-snapshot"

daemon
check modprobe dm-snapshot
length=65536   # 32 MiB
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=32 oflag=direct status=none
check blkdiscard --zeroout --length 80M /dev/scratch1
# Four stores on one disk.
for i in 0 1 2 3; do
  kernel_dm "cow$i" "0 $((20 * 2048)) linear /dev/scratch1 $((i * 20 * 2048))"
done
create users "0 $length snapshot-origin /dev/scratch0"
equal "table of the origin" "snapshot-origin $(stat --format %Hr:%Lr "$(readlink --canonicalize /dev/scratch0)")" \
  "$(api GET /devices/users/table | jq -r '.[0] | "\(.target) \(.params)"')"
equal "status of the origin" "" "$(info_line users)"

# writes SEED [WORD...]: a few MiB of writes of all sizes, every block verified.
writes() {
  check fio --name=w --filename=/dev/ublk-dm/users --ioengine=libaio --direct=1 --rw=randwrite --bsrange=512-64k --iodepth=16 --size=32M --io_size=2M "${@:2}" \
    --randseed="$1" --verify=crc32c --verify_fatal=1 --do_verify=1 --output-format=terse >/dev/null
}
chunks=(1 8 32 128)
declare -a instant
for i in 0 1 2 3; do
  # Under load: fio runs while the origin is held for the cut.
  stat_of /dev/ublk-dm/users
  writes "1$i" --rate=1m &
  wait_until 60 was_written /dev/ublk-dm/users "${stat[4]}"
  suspend users
  instant[i]=$(digest /dev/scratch0 $((length * 512)))
  create "snap$i" "0 $length snapshot /dev/scratch0 /dev/mapper/cow$i P ${chunks[i]}"
  resume users
  wait $! || fail "fio on the origin while snapshot $i was made"
done
writes 20
for i in 0 1 2 3; do
  equal "snapshot $i is the origin at its instant" "${instant[i]}" "$(digest "/dev/ublk-dm/snap$i")"
  echo "chunk ${chunks[i]}: $(info_line "snap$i")"
done
# One goes under load, and the others stay what they are.
stat_of /dev/ublk-dm/users
writes 30 --rate=1m &
wait_until 60 was_written /dev/ublk-dm/users "${stat[4]}"
remove snap1
wait $! || fail "fio on the origin while a snapshot was removed"
for i in 0 2 3; do equal "snapshot $i after another has gone" "${instant[i]}" "$(digest "/dev/ublk-dm/snap$i")"; done

# The kernel takes a store over.
remove snap0
state=$(digest /dev/ublk-dm/snap2)
status=$(info_line snap2)
remove snap2
remove snap3
remove users
kernel_dm snap2 "0 $length snapshot /dev/scratch0 /dev/mapper/cow2 P 32"
equal "our store of a written origin in the kernel" "$state" "$(digest /dev/mapper/snap2)"
equal "its status" "0 $length snapshot $status" "$(dmsetup status snap2)"

# The kernel goes on with origin and snapshot, and ours takes them back.
kernel_dm org "0 $length snapshot-origin /dev/scratch0"
check dd if=/dev/urandom of=/dev/mapper/org bs=64k count=64 seek=100 oflag=direct status=none
equal "the kernel copied out" "$state" "$(digest /dev/mapper/snap2)"
status=$(dmsetup status snap2)
kernel_dm_remove org
kernel_dm_remove snap2
create snap2 "0 $length snapshot /dev/scratch0 /dev/mapper/cow2 P 32"
equal "the kernel's store of a written origin in ours" "$state" "$(digest /dev/ublk-dm/snap2)"
equal "its status in ours" "$status" "0 $length snapshot $(info_line snap2)"
remove snap2
for i in 0 1 2 3; do kernel_dm_remove "cow$i"; done

pass
