scenario "the daemon has a life of its own: another session, folder /, not killed by OOM, and SIGTERM takes no devices away"

stop_daemon
check setsid --wait ublk-dm create lin --table "linear /dev/scratch0 0"
pid=$(pgrep -x ublk-dmd)
equal "folder" / "$(readlink "/proc/$pid/cwd")"
equal "session" "$pid" "$(ps -o sid= -p "$pid" | tr -d ' ')"
equal "OOM score" -1000 "$(cat "/proc/$pid/oom_score_adj")"
check grep -q "VmLck:.*[1-9]" "/proc/$pid/status"
# PF_MEMALLOC_NOIO and PF_LOCAL_THROTTLE: what PR_SET_IO_FLUSHER sets, on every thread.
for stat in /proc/"$pid"/task/*/stat; do
  { read -r line <"$stat"; } 2>/dev/null || continue # a thread that has gone
  read -r _ _ _ _ _ _ flags _ <<<"${line##*) }"
  check test $((flags & 0x80000)) -ne 0
  threads=$((${threads:-0} + 1))
done
[ "${threads:-0}" -gt 1 ] || fail "the flags of ${threads:-0} threads were seen"
kill -TERM "$pid"
sleep 1
check kill -0 "$pid"
check dd if=/dev/ublk-dm/lin of=/dev/null bs=64k count=16 iflag=direct status=none
check_fails any ublk-dm shutdown

# Another daemon on this machine, with a device of the same name, leaves the link alone, at its start and at its end.
equal "the folder of the links" drwxr-xr-x "$(stat -c %A /dev/ublk-dm)"
link=$(readlink /dev/ublk-dm/lin)
mkdir -p /run/other
check_fails any ublk-dm --socket /run/other/control.sock create lin --table "0 4096 zero" | grep "not of this daemon"
check ublk-dm --socket /run/other/control.sock shutdown
equal "the link" "$link" "$(readlink /dev/ublk-dm/lin)"
check dd if=/dev/ublk-dm/lin of=/dev/null bs=64k count=16 iflag=direct status=none
remove lin
kill -TERM "$pid"
wait_until 30 daemon_gone
pass
