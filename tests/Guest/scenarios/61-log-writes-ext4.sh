# timeout: 600
# kernels: 7.2
scenario "ext4 on log-writes under fio with fsync; replayed to every flush and FUA write the kernel mounts it, e2fsck -fn finds nothing, and what was synced before a mark is there"

daemon
ram_disks 2 32
mib=32
create logged "0 $((mib * 2048)) log-writes /dev/scratch0 /dev/scratch1"
mark() { api POST /devices/logged/message "$(jq -nc --arg text "$1" '{words: ["mark", $text], sector: 0}')" >/dev/null; }
check mkfs.ext4 -q -b 4096 -J size=4 -E lazy_itable_init=0,lazy_journal_init=0 /dev/ublk-dm/logged
mkdir -p /mnt/logged /mnt/copy
check mount /dev/ublk-dm/logged /mnt/logged
mark mounted
check fio --name=sync --directory=/mnt/logged --rw=randwrite --bsrange=1k-16k --size=1M --io_size=192k --fsync=8 --fallocate=none --randseed=7 --output-format=terse >/dev/null
for line in 1 2 3; do
  mkdir "/mnt/logged/d$line"
  printf 'line %s\n' "$line" >>/mnt/logged/lines
  check sync /mnt/logged/lines
  mark "synced-$line"
done
rm -r /mnt/logged/d2
check umount /mnt/logged
info=$(info_line logged)
echo "log: $info"
[[ $info != *disabled* ]] || fail "the log is full: $info"
was=$(digest /dev/scratch0 $((mib << 20)))
remove logged

# Before the first mark there is no whole file system to look at. What was synced before a mark is there at every point behind it.
cat >/tmp/checked <<'END'
[ -n "$UBLK_DM_REPLAY_MARK" ] || exit 0
echo "$UBLK_DM_REPLAY_ENTRY" >>/tmp/points
dd if="$UBLK_DM_REPLAY_DEV" of=/dev/ram1 bs=1M status=none || exit 20
mount /dev/ram1 /mnt/copy || exit 21
lines=$(cat /mnt/copy/lines 2>/dev/null | wc -l)
umount /mnt/copy || exit 22
e2fsck -fn /dev/ram1 >/tmp/e2fsck 2>&1 || { cat /tmp/e2fsck; exit 23; }
case $UBLK_DM_REPLAY_MARK in synced-*) [ "$lines" -ge "${UBLK_DM_REPLAY_MARK#synced-}" ] || exit 24 ;; esac
echo "$lines" >/tmp/lines
END
check ublk-dm replay /dev/scratch1 --to /dev/ram0 --check 'sh /tmp/checked'
equal "the device after the replay" "$was" "$(digest /dev/ram0 $((mib << 20)))"
points=$(wc -l </tmp/points)
echo "points that were looked at: $points"
[ "$points" -ge 12 ] || fail "only $points points"
equal "lines at the last point" 3 "$(cat /tmp/lines)"

# Up to a mark: what was written behind it is not there, and a check that wants it ends the replay where it looked first.
check dd if=/dev/zero of=/dev/ram0 bs=1M count=$mib status=none
check_fails 1 ublk-dm replay /dev/scratch1 --to /dev/ram0 --until synced-3 --check '[ "$UBLK_DM_REPLAY_MARK" != synced-1 ] || { sh /tmp/checked && [ "$(cat /tmp/lines)" = 3 ]; }' >/tmp/said
cat /tmp/said
grep -q '^error: the check ended with 1 after entry [0-9]* (.*, after mark synced-1); [0-9]* checks before it were content' /tmp/said || fail "what was said: $(cat /tmp/said)"
pass
