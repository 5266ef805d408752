# timeout: 600
# kernels: 7.2
scenario "track: writes, discards and checkpoints; what is told is what was written; three readers; mmap writes are in take after the flush; refresh makes a second copy alike; a reload and a restart lose and add nothing; answers that must be full have exit code 5"

daemon
length=131072   # 64 MiB
table="0 $length track /dev/scratch0 0 8 /dev/scratch1"
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=64 oflag=direct status=none
create t "$table"
node=/dev/ublk-dm/t
say() { api POST /devices/t/message "$(jq -nc --args '{words: $ARGS.positional}' "$@")" | jq --raw-output .reply; }
stream() { curl --silent --unix-socket /run/ublk-dm/control.sock "http://ublk-dm/v1/devices/t/stream" --data "$(jq -nc --args '{words: $ARGS.positional}' "$@")"; }

first=$(say checkpoint)
check dd if=/dev/urandom of=$node bs=4k seek=10 count=3 oflag=direct status=none
check dd if=/dev/urandom of=$node bs=512 seek=1000 count=1 oflag=direct status=none
check blkdiscard --offset $((8 << 20)) --length $((4 << 20)) $node
check ublk-dm track changes t --since "$first" >/tmp/changes
grep -q '^sectors 80 to 103: written$' /tmp/changes || fail "changes: $(cat /tmp/changes)"
grep -q '^sectors 1000 to 1007: written$' /tmp/changes || fail "changes: $(cat /tmp/changes)"
grep -q '^sectors 16384 to 24575: discarded or zeroed$' /tmp/changes || fail "changes: $(cat /tmp/changes)"
equal "ranges" "80 24,1000 8,16384 8192" "$(ublk-dm track changes t --since "$first" --ranges 2>/dev/null | paste -sd,)"
ublk-dm track changes t --since "$first" --raw >/tmp/bitmap
equal "bytes of the bitmap" $((length / 8 / 8)) "$(stat -c %s /tmp/bitmap)"
equal "bits of blocks 8 to 15" 1c "$(od -An -tx1 -j1 -N1 /tmp/bitmap | tr -d ' ')"
check_fails 5 ublk-dm track changes t --since 17 --ranges | grep -q 'must be full: .*before checkpoint' || fail "a checkpoint of another time was believed"
stream changes since 9000000000000000000 | grep -q 'no checkpoint' || fail "the future was told"

# A device that is not written under load by us: the page cache writes when it is told to.
say reader add full since "$first" >/dev/null
say reader add new >/dev/null
stream take new | grep -q '^full until' || fail "a new reader was told ranges"
stream take nobody | grep -q 'no reader nobody' || fail "nobody was told something"
check ublk-dm track refresh t --to /tmp/copy --reader copy | grep -q 'everything: there was no copy' || fail "the first refresh"
equal "the copy" "$(digest $node)" "$(digest /tmp/copy)"
# The last who closes the node flushes it, so somebody has it open.
exec 9<$node
check stamps map $node $((20 << 20)) 12288 119
equal "before the flush" "" "$(stream take new | grep data || true)"
check blockdev --flushbufs $node
equal "after the flush" "40960 24 data" "$(stream take new | grep data)"
check stamps map $node $((24 << 20)) 4096 120
verify $node --offset=32M --size=8M
check ublk-dm track refresh t --to /tmp/copy --reader copy -j >/tmp/refresh
exec 9<&-
equal "the copy after mmap and fio" "$(digest $node)" "$(digest /tmp/copy)"
copied=$(jq .copiedSectors /tmp/refresh)
[ "$copied" -lt $((length / 4)) ] && [ "$copied" -ge 8 ] || fail "refresh copied $copied sectors"

# Everything since the first checkpoint is still told to the one who stands there, through reload, suspend and restart.
stream changes since "$first" >/tmp/before
load t "$table"
resume t
suspend t
resume t
equal "after a reload" "$(cat /tmp/before)" "$(stream changes since "$first")"
remove t
api POST /shutdown >/dev/null
wait_until 30 daemon_gone
daemon
create t "$table"
equal "after a restart" "$(cat /tmp/before)" "$(stream changes since "$first")"
check dd if=/dev/urandom of=$node bs=4k seek=50 count=1 oflag=direct status=none
equal "since the copy" "400 8 data" "$(stream take copy | grep data)"

# Written while nobody watched: where it is noticed, nothing is believed. Other metadata is refused, and the disk is not touched.
now=$(say checkpoint)
remove t
check dd if=/dev/urandom of=/dev/scratch0 bs=4k seek=1 count=1 oflag=direct conv=notrunc status=none
before=$(digest /dev/scratch0)
create t "$table"
stream changes since "$now" | grep -q '^full .*written while it was not tracked' || fail "believed: $(stream changes since "$now")"
remove t
if create t "0 $length track /dev/scratch0 0 16 /dev/scratch1" 2>/tmp/refused; then fail "metadata of other blocks was taken"; fi
grep -q 'has blocks of 8 sectors, not 16' /tmp/refused || fail "refused with: $(cat /tmp/refused)"
check dd if=/dev/urandom of=/dev/scratch1 bs=4k count=4 oflag=direct conv=notrunc status=none
if create t "$table" 2>/tmp/refused; then fail "damaged metadata was taken"; fi
grep -q 'holds data at byte 0, and would be overwritten' /tmp/refused || fail "refused with: $(cat /tmp/refused)"
equal "the tracked disk" "$before" "$(digest /dev/scratch0)"
pass
