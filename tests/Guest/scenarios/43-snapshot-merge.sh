# timeout: 900
# kernels: 7.2
scenario "snapshots go back into their origin, by us and by the kernel, one taking over from the other half way, with another snapshot there and under writes"

daemon
check modprobe dm-snapshot
length=65536
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=32 oflag=direct status=none
kernel_dm cow "0 $((40 * 2048)) linear /dev/scratch1 0"
kernel_dm other "0 $((39 * 2048)) linear /dev/scratch1 $((40 * 2048))"
# scatter DEVICE SEED: exceptions in runs and alone.
scatter() {
  check fio --name=w --filename="$1" --ioengine=libaio --direct=1 --rw=randwrite --bsrange=512-48k --iodepth=8 --size=32M --io_size=6M \
    --randseed="$2" --output-format=terse >/dev/null
}
used_is_metadata() { local status; status=$("$@"); status=${status##*snapshot-merge }; [ "${status%%/*}" = "${status##* }" ]; }
begun() { [ "$(info_line merge)" != "$full" ]; }
ours_status() { info_line merge; }
kernel_status() { dmsetup status merge; }

for chunk in 1 8 64; do
  table="0 $length snapshot /dev/scratch0 /dev/mapper/cow P $chunk"
  merge="0 $length snapshot-merge /dev/scratch0 /dev/mapper/cow P $chunk"

  # Made by us, merged by us, with a snapshot of the origin beside, and writes meanwhile.
  check blkdiscard --zeroout /dev/mapper/cow
  check blkdiscard --zeroout /dev/mapper/other
  create snap "$table"
  scatter /dev/ublk-dm/snap "1$chunk"
  want=$(digest /dev/ublk-dm/snap)
  remove snap
  was=$(digest /dev/scratch0 $((length * 512)))
  create beside "0 $length snapshot /dev/scratch0 /dev/mapper/other P 16"
  create merge "$merge"
  equal "what users see from the first moment on, chunk $chunk" "$want" "$(digest /dev/ublk-dm/merge)"
  verify /dev/ublk-dm/merge
  want=$(digest /dev/ublk-dm/merge)
  wait_until 120 used_is_metadata ours_status
  equal "the origin after the merge, chunk $chunk" "$want" "$(digest /dev/scratch0 $((length * 512)))"
  equal "the other snapshot, chunk $chunk" "$was" "$(digest /dev/ublk-dm/beside)"
  echo "chunk $chunk: merged: $(info_line merge)"
  remove merge
  remove beside

  # Begun by us, finished by the kernel.
  check blkdiscard --zeroout /dev/mapper/cow
  create snap "$table"
  scatter /dev/ublk-dm/snap "2$chunk"
  want=$(digest /dev/ublk-dm/snap)
  full=$(info_line snap)
  remove snap
  create merge "$merge"
  wait_until 60 begun
  suspend merge
  half=$(info_line merge)
  remove merge
  echo "chunk $chunk: $full, then by us $half"
  kernel_dm merge "$merge"
  equal "what the kernel shows of a merge that we began, chunk $chunk" "$want" "$(digest /dev/mapper/merge)"
  wait_until 120 used_is_metadata kernel_status
  equal "the origin after the kernel's end, chunk $chunk" "$want" "$(digest /dev/scratch0 $((length * 512)))"
  kernel_dm_remove merge

  # Made and begun by the kernel, finished by us.
  check blkdiscard --zeroout /dev/mapper/cow
  kernel_dm snap "$table"
  scatter /dev/mapper/snap "3$chunk"
  want=$(digest /dev/mapper/snap)
  kernel_dm_remove snap
  kernel_dm merge "$merge"
  kernel_dm_remove merge
  create merge "$merge"
  equal "what we show of a merge that the kernel began, chunk $chunk" "$want" "$(digest /dev/ublk-dm/merge)"
  wait_until 120 used_is_metadata ours_status
  equal "the origin after our end, chunk $chunk" "$want" "$(digest /dev/scratch0 $((length * 512)))"
  remove merge
done
kernel_dm_remove cow
kernel_dm_remove other

pass
