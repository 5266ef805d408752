# timeout: 600
# kernels: 7.2
scenario "wait --sync returns when a mirror is in sync, and fails with the leg and the remedy when it will not be"

daemon
length=131072   # 64 MiB
regions=$((length / 1024))
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=64 oflag=direct status=none
create m "0 $length mirror core 1 1024 2 /dev/scratch0 0 /dev/scratch1 0"
check ublk-dm wait m --sync
[[ $(info_line m) = *" $regions/$regions 1 AA "* ]] || fail "wait --sync returned too early: $(info_line m)"
check cmp -n $((length * 512)) /dev/scratch0 /dev/scratch1
equal "again, as JSON" "$(event_number m)" "$(ublk-dm wait m --sync -j 2>&1 | jq .eventNumber)"

remove m

# On a terminal there is a bar; elsewhere a line at each tenth. The leg is slow until both were seen: the commands take seconds to start here.
create slow "0 $length delay /dev/scratch1 0 0 /dev/scratch1 0 1000"
create m "0 $length mirror core 1 1024 2 /dev/scratch0 0 /dev/ublk-dm/slow 0"
ublk-dm wait m --sync >/tmp/lines 2>&1 &
lines=$!
script --quiet --return --flush --command 'TERM=xterm ublk-dm wait m --sync' /dev/null >/tmp/bar &
bar=$!
pace='[0-9.]* MiB/s, 00:0[0-9]:[0-9]* left'
wait_until 90 grep -q "%.* m $pace" /tmp/bar
wait_until 60 grep -q "^m: [0-9]*0 % in sync, $pace$" /tmp/lines
load slow "0 $length linear /dev/scratch1 0"
suspend slow
resume slow
wait "$bar" || fail "on a terminal: $(cat -v /tmp/bar)"
wait "$lines" || fail "elsewhere: $(cat /tmp/lines)"
cat /tmp/lines
grep -q '100%' /tmp/bar || fail "no full bar: $(cat -v /tmp/bar)"
grep -q 'm: in sync' /tmp/bar || fail "no last line: $(cat -v /tmp/bar)"
check cmp -n $((length * 512)) /dev/scratch0 /dev/scratch1
remove m
remove slow

create bad "0 $length error"
create m "0 $length mirror core 1 1024 2 /dev/scratch0 0 /dev/ublk-dm/bad 0 1 handle_errors"
status=0
ublk-dm wait m --sync >/tmp/out 2>/tmp/err || status=$?
cat /tmp/err
equal "status with a bad leg" 1 "$status"
equal "its output" "" "$(cat /tmp/out)"
grep -q '^error: m: degraded, 0.0 % in sync, and nothing is being recovered, .*leg 1 .*errors (recovery).*; replace ' /tmp/err || fail "the message: $(cat /tmp/err)"
suspend m
check_fails 1 ublk-dm wait m --sync
remove m
remove bad
pass
