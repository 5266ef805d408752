scenario "the guest has what scenarios rely on"

check test -c /dev/ublk-control
check test -c /dev/mapper/control
for number in 0 1 2 3; do
  equal "size of /dev/scratch$number" $((512 * 1024 * 1024)) "$(blockdev --getsize64 "/dev/scratch$number")"
done

# busybox's dd ignores oflag=direct, its mount and losetup lack options.
for tool in dd md5sum timeout cmp mount losetup modprobe find; do
  answer=$(check "$tool" --version)     # no pipe: grep -q leaves it at the first match
  grep -qE 'GNU|util-linux|kmod' <<<"$answer"
done
for tool in bash fio mkfs.ext4 e2fsck mkfs.xfs xfs_repair dmsetup blkdiscard curl jq lsblk findmnt; do
  check type -P "$tool" >/dev/null
done

ram_disks 2 8
kernel_dm both "0 16384 linear /dev/ram0 0
16384 16384 linear /dev/ram1 0"
equal "length of the linear device" 32768 "$(sectors /dev/mapper/both)"
check dd if=/dev/urandom of=/dev/mapper/both bs=1M count=16 oflag=direct status=none
equal "second half" "$(tail -c 8M /dev/mapper/both | digest)" "$(digest /dev/ram1)"
kernel_dm_remove both
pass
