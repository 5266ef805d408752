scenario "the main job: an ext4 file system, mounted through a snapshot and written to; the origin stays as it was, the snapshot's data survives remove and create"

origin=/dev/scratch0
check mkfs.ext4 -q -L origin "$origin" 96M
mkdir -p /tmp/mnt /var/cow.d
check mount "$origin" /tmp/mnt
echo "as it was" >/tmp/mnt/file
head -c 10M /dev/urandom >/tmp/mnt/big
check umount /tmp/mnt
before=$(digest "$origin" 100M)
cow=/var/cow.d/cow
rm -f "$cow"

check ublk-dm create snap0 --table "snapshot $origin $cow" -v
check test -L /dev/ublk-dm/snap0
equal "size" "$(sectors "$origin")" "$(sectors /dev/ublk-dm/snap0)"
equal "what the snapshot shows" "$before" "$(digest /dev/ublk-dm/snap0 100M)"

check mount /dev/ublk-dm/snap0 /tmp/mnt
echo "changed" >/tmp/mnt/file
head -c 12M /dev/urandom >/tmp/mnt/new
new=$(digest /tmp/mnt/new)
rm /tmp/mnt/big
check umount /tmp/mnt
check ublk-dm status snap0
check ublk-dm status snap0 --raw
check ublk-dm table snap0
check ublk-dm remove snap0
check test ! -e /dev/ublk-dm/snap0
equal "the origin after" "$before" "$(digest "$origin" 100M)"

check ublk-dm create snap0 --table "snapshot $origin $cow P 0"
check mount /dev/ublk-dm/snap0 /tmp/mnt
equal "the changed file" changed "$(cat /tmp/mnt/file)"
equal "the new file" "$new" "$(digest /tmp/mnt/new)"
check test ! -e /tmp/mnt/big
check umount /tmp/mnt
check e2fsck -fn /dev/ublk-dm/snap0
check ublk-dm remove snap0
equal "the origin in the end" "$before" "$(digest "$origin" 100M)"
rm -rf /var/cow.d
pass
