# kernels: 7.2
scenario "mkfs, mount and check of ext4 and XFS, dd at odd offsets, blkdiscard, and what the node advertises"

daemon
create lin "0 655360 linear /dev/scratch0 8
655360 65536 linear /dev/scratch1 0"
node=/dev/ublk-dm/lin
mkdir -p /tmp/mnt
for type in ext4 xfs; do
  check blkdiscard "$node"
  if [ "$type" = xfs ]; then check mkfs.xfs -q -f "$node"; else check mkfs.ext4 -q "$node"; fi
  check mount "$node" /tmp/mnt
  head -c 8M /dev/urandom >/tmp/mnt/file
  check sync -f /tmp/mnt
  content=$(digest /tmp/mnt/file)
  check umount /tmp/mnt
  check mount "$node" /tmp/mnt
  equal "the file after a remount" "$content" "$(digest /tmp/mnt/file)"
  check umount /tmp/mnt
done
check xfs_repair -n "$node"

# Odd offsets and lengths, through the page cache and past it, against an ordinary file.
head -c 64M /dev/zero >/tmp/model
check blkdiscard --zeroout "$node"
for piece in "1 1" "511 2" "4095 4097" "1000003 77777" "33554431 2" "35000000 1234567"; do
  set -- $piece
  head -c "$2" /dev/urandom >/tmp/piece
  check dd if=/tmp/piece of=/tmp/model bs=65536 oflag=seek_bytes seek="$1" conv=notrunc status=none
  check dd if=/tmp/piece of="$node" bs=65536 oflag=seek_bytes seek="$1" conv=notrunc,fsync status=none
done
for piece in "1 1" "7 3" "127 129" "131071 1"; do
  set -- $piece
  head -c $(($2 * 512)) /dev/urandom >/tmp/piece
  check dd if=/tmp/piece of=/tmp/model bs=512 seek="$1" conv=notrunc status=none
  check dd if=/tmp/piece of="$node" bs=512 seek="$1" oflag=direct conv=notrunc status=none
done
equal "odd pieces" "$(digest /tmp/model)" "$(digest "$node" 64M)"

check blkdiscard --zeroout --offset 512 --length 1M "$node"
check dd if=/dev/zero of=/tmp/model bs=512 seek=1 count=2048 conv=notrunc status=none
equal "zeroed range" "$(digest /tmp/model)" "$(digest "$node" 64M)"

queue=/sys/block/$(basename "$(readlink -f "$node")")/queue
equal "write cache" "write back" "$(cat "$queue/write_cache")"
equal "FUA" 1 "$(cat "$queue/fua")"
check test "$(cat "$queue/discard_max_bytes")" -gt 0
check test "$(cat "$queue/write_zeroes_max_bytes")" -gt 0
equal "logical block" 512 "$(cat "$queue/logical_block_size")"
equal "longest request" 512 "$(cat "$queue/max_hw_sectors_kb")"
remove lin
pass
