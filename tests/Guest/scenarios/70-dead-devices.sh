scenario "after a SIGKILL of the daemon the next one removes what it left, and no other's; what was synced is in the store"

daemon
create snap "0 65536 snapshot /dev/scratch0 /dev/scratch1 P 8"
check dd if=/dev/urandom of=/tmp/data bs=1M count=4 status=none
check dd if=/tmp/data of=/dev/ublk-dm/snap bs=64k oflag=direct conv=fsync status=none
pid=$(pgrep -x ublk-dmd)
pkill -KILL -x ublk-dmd
wait_until 30 daemon_gone
check test -e /dev/ublkc0
check_fails 1 ublk-dm ls | grep "ublk-dmd (process $pid) died"
check_fails 1 ublk-dm status snap | grep "snap: no such device; ublk-dmd (process $pid) died"
check_fails 1 ublk-dm doctor | grep "died"
# Another process may have the dead one's number by now.
echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
sleep 1000 &
sleeper=$!
echo "the daemon was process $pid, now there is a sleep $sleeper"
daemon
ublk-dm doctor | grep -A1 "an earlier ublk-dmd died" || fail "doctor says nothing of the daemon that died"
equal "nodes" "" "$(find /dev -name 'ublk[bc]*')"
equal "links" "" "$(ls /dev/ublk-dm)"
create snap "0 65536 snapshot /dev/scratch0 /dev/scratch1 P 8"
equal "what was synced" "$(digest /tmp/data)" "$(digest /dev/ublk-dm/snap 4M)"
remove snap
kill "$sleeper"
pass
