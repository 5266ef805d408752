# kernels: 7.2
# Reported: neilbrown/mdadm#22 "Quickly removing drives causes 'old' drive to rewrite 'new' drives", LINBIT/drbd#145. A leg drops out, writes are
# acknowledged by the other one alone, the machine restarts, the leg is back, and the same table is loaded. (The kernel's dm-mirror copies the old leg
# over the new one; docs/targets/mirror.md says so of ours.) A correct product refuses that table, or keeps what was acknowledged.
scenario "the first leg fails, is written past, and comes back after a restart: what was acknowledged meanwhile is not overwritten by it"

daemon
check dd if=/dev/urandom of=/tmp/data bs=64k count=4 status=none
table="0 8192 mirror disk 2 /dev/scratch2 1024 2 /dev/ublk-dm/leg0 0 /dev/ublk-dm/leg1 0 2 handle_errors keep_log"
create leg0 "0 8192 linear /dev/scratch0 0"
create leg1 "0 8192 linear /dev/scratch1 0"
create m "$table"
is_in_sync() { [[ $(info_line m) == *" 8/8 1 AA "* ]]; }
wait_until 30 is_in_sync
sleep 1
load leg0 "0 8192 error"
resume leg0
check dd if=/tmp/data of=/dev/ublk-dm/m bs=64k oflag=direct conv=fsync status=none
info_line m

# The restart.
pkill -KILL -x ublk-dmd
wait_until 30 daemon_gone
daemon
create leg0 "0 8192 linear /dev/scratch0 0"
create leg1 "0 8192 linear /dev/scratch1 0"
if create m "$table" 2>/tmp/refused; then
  wait_until 30 is_in_sync
  equal "what was acknowledged, read from the mirror once it is in sync again (the stale first leg was copied over it)" \
    "$(digest /tmp/data)" "$(digest /dev/ublk-dm/m 256K)"
  remove m
else
  cat /tmp/refused
fi
check cmp --bytes $((256 * 1024)) /tmp/data /dev/scratch1
pass
