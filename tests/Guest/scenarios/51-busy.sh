scenario "a device in use is not removed, and the message says who has it"
check modprobe loop

daemon
create lin "linear /dev/scratch0 0"
check mkfs.ext4 -q /dev/ublk-dm/lin
mkdir -p /tmp/mnt
check mount /dev/ublk-dm/lin /tmp/mnt
check_fails 4 ublk-dm remove lin | grep "mounted at /tmp/mnt"
echo alive >/tmp/mnt/file
check umount /tmp/mnt

sleep 1000 3</dev/ublk-dm/lin &
sleeper=$!
wait_until 10 grep -qx sleep "/proc/$sleeper/comm" # which has the device open by then
check_fails any remove lin | grep "process $sleeper (sleep)"
kill "$sleeper"
wait "$sleeper" || true

# By the device's number, whatever node leads to it; a partition and a loop device are users as well.
open_by() {
  sleep 1000 3<"$1" &
  sleeper=$!
  wait_until 10 grep -qx sleep "/proc/$sleeper/comm"
  check_fails any remove lin | grep "process $sleeper (sleep)"
  kill "$sleeper"
  wait "$sleeper" || true
}
node=$(readlink /dev/ublk-dm/lin)
number=$(lsblk -dno MAJ:MIN "$node" | tr -d ' ')
check mknod /tmp/other b "${number%:*}" "${number#*:}"
open_by /tmp/other
loop=$(check losetup --find --show "$node")
check_fails any remove lin | grep "$loop"
check losetup --detach "$loop"
# A table of partitions: one of type 83, from sector 2048 on, 40960 long.
printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\240\0\0' | check dd of="$node" bs=1 seek=446 conv=notrunc status=none
printf '\125\252' | check dd of="$node" bs=1 seek=510 conv=notrunc status=none
check blockdev --rereadpt "$node"
wait_until 10 test -b "${node}p1"
open_by "${node}p1"
check dd if=/dev/zero of="$node" bs=512 count=1 conv=notrunc status=none
check blockdev --rereadpt "$node"
check mkfs.ext4 -q -F /dev/ublk-dm/lin

kernel_dm above "0 1048576 linear /dev/ublk-dm/lin 0"
check_fails any remove lin | grep "dm-"
kernel_dm_remove above

create top "linear /dev/ublk-dm/lin 0"
check_fails any remove lin | grep "device top"
# What stands in the process is out of reach for the rest of the system, as under the kernel's device-mapper.
check_fails any mount /dev/ublk-dm/lin /tmp/mnt | grep -i busy
check_fails any dmsetup create above --table "0 8 linear /dev/ublk-dm/lin 0" | grep -i busy
remove top
check mount /dev/ublk-dm/lin /tmp/mnt
check umount /tmp/mnt
remove lin
equal "nodes" "" "$(find /dev -name 'ublkb*')"
pass
