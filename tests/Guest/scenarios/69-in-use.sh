# kernels: 7.2
scenario "what is in use is not overwritten: track refresh and replay refuse mounts of any namespace, disks of devices, devices of ours, and what a loop device stands on; a store that holds a file system is not formatted"

daemon
check modprobe loop
check mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 /dev/scratch1
mkdir -p /tmp/a
create d "0 16384 track /dev/scratch0 0 8"
start() { dd if="$1" bs=1M count=1 iflag=direct status=none | md5sum; } # whoever overwrites a disk begins there
refused() { # what must be said, then the command
  local said before
  before=$(start /dev/scratch1)
  said=$(check_fails 1 "${@:2}" 2>&1 || true)
  [[ "$said" == *"$1"* ]] || fail "${*:2} said '$said', not '$1'"
  [ "$(wc -l <<<"$said")" = 1 ] || fail "${*:2} said more than a line: $said"
  equal "scratch1 after: ${*:2}" "$before" "$(start /dev/scratch1)"
}

check mount /dev/scratch1 /tmp/a
refused "mounted at /tmp/a" ublk-dm track refresh d --to /dev/scratch1
truncate -s 8M /tmp/log
create l "log-writes /dev/scratch2 /tmp/log"
refused "mounted at /tmp/a" ublk-dm replay /tmp/log --to /dev/scratch1
refused "a live device of ublk-dm" ublk-dm replay /tmp/log --to /dev/ublk-dm/l
refused "end that first" ublk-dm replay /tmp/log --to /dev/scratch2
remove l
check umount /tmp/a
unshare --mount --propagation private sh -c 'mount /dev/scratch1 /tmp/a; while [ ! -e /tmp/end ]; do sleep 0.1; done; umount /tmp/a' &
other=$!
wait_until 10 grep -q ' /tmp/a ' "/proc/$other/mounts"
refused "is mounted at " ublk-dm track refresh d --to /dev/scratch1
touch /tmp/end
wait "$other"

refused "a live device of ublk-dm" ublk-dm track refresh d --to /dev/ublk-dm/d
refused "end that first" ublk-dm track refresh d --to /dev/scratch0
loop=$(check losetup --find --show /dev/scratch1)
refused "in use by $loop" ublk-dm track refresh d --to /dev/scratch1
refused "in use by $loop" ublk-dm create on-loop --table "linear /dev/scratch1 0"
check losetup --detach "$loop"

create other "linear /dev/scratch1 0"
refused "end that first" ublk-dm track refresh d --to /dev/scratch1
refused "a live device of ublk-dm" ublk-dm track refresh d --to /dev/ublk-dm/other
remove other
check mkfs.ext4 -q /dev/ublk-dm/d
check mount /dev/ublk-dm/d /tmp/a
refused "lies on d itself" ublk-dm track refresh d --to /tmp/a/x
[ ! -e /tmp/a/x ] || fail "a refused refresh left a file behind"
check umount /tmp/a

# A file system is not a log, a map or a store, wherever its signature is.
refused "holds ext4" ublk-dm create l --table "log-writes /dev/scratch2 /dev/scratch1"
refused "holds ext4" ublk-dm create m --table "mirror disk 2 /dev/scratch1 1024 2 /dev/scratch2 0 /dev/scratch2 8192"
check dd if=/dev/zero of=/dev/scratch1 bs=1M count=1 status=none
printf '_BHRfS_M' | check dd of=/dev/scratch1 bs=1 seek=$((0x10040)) conv=notrunc status=none
sync
refused "/dev/scratch1" ublk-dm create l --table "log-writes /dev/scratch2 /dev/scratch1"
check dd if=/dev/zero of=/dev/scratch1 bs=1M count=1 status=none

# A copy on a block device: incremental while nobody else writes to it, whole afterwards.
check ublk-dm track refresh d --to /dev/scratch1 -j >/tmp/refresh
equal "the first is whole" true "$(jq '.full != null' /tmp/refresh)"
check dd if=/dev/urandom of=/dev/ublk-dm/d bs=4k seek=3 count=1 oflag=direct status=none
check ublk-dm track refresh d --to /dev/scratch1 -j >/tmp/refresh
equal "the second is not" "null 8" "$(jq -r '"\(.full) \(.copiedSectors)"' /tmp/refresh)"
check dd if=/dev/urandom of=/dev/scratch1 bs=4k seek=9 count=1 oflag=direct status=none
check ublk-dm track refresh d --to /dev/scratch1 -j >/tmp/refresh
jq -r .full /tmp/refresh | grep -q 'written since' || fail "somebody else's write was not noticed: $(cat /tmp/refresh)"
equal "the copy" "$(digest /dev/ublk-dm/d)" "$(head -c $((8 << 20)) /dev/scratch1 | md5sum | cut -d" " -f1)"

# A copy in a file: an older one that is put back is copied whole.
check ublk-dm track refresh d --to "/tmp/the copy" >/dev/null
check cp -p "/tmp/the copy" /tmp/older
check dd if=/dev/urandom of=/dev/ublk-dm/d bs=4k seek=5 count=1 oflag=direct status=none
check ublk-dm track refresh d --to "/tmp/the copy" -j >/tmp/refresh
equal "only what changed" "null 8" "$(jq -r '"\(.full) \(.copiedSectors)"' /tmp/refresh)"
check mv /tmp/older "/tmp/the copy"
check ublk-dm track refresh d --to "/tmp/the copy" -j >/tmp/refresh
equal "an older copy is copied whole" true "$(jq '.full != null' /tmp/refresh)"
equal "the copy" "$(digest /dev/ublk-dm/d)" "$(digest "/tmp/the copy")"
remove d

# Told as it was named; a deleted store is told.
check_fails any create s "0 99999999 linear /dev/scratch1 0" | grep -q 'do not fit on /dev/scratch1' || fail "the device's name"
create s "snapshot /dev/scratch1 /tmp/cow P 8"
rm /tmp/cow
wait_until 15 bash -c 'ublk-dm status s | grep -q "was deleted while it is in use"'
wait_until 15 grep -q '/tmp/cow: was deleted while it is in use' /run/ublk-dm/ublk-dmd.log
remove s
pass
