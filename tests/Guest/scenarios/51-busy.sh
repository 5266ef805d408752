scenario "a device in use is not removed, and the message says who has it"

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
