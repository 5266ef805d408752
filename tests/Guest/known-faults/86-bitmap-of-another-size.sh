# kernels: 7.2
# Reported: LINBIT/drbd#145 (a bitmap that is not empty is not used as it was meant: replicas that differ count as up to date), LINBIT/drbd#101 (a
# device that was resized). A mirror's log says how many regions there are, not how large they are. A correct product copies what is new of a mirror
# that became longer; and with regions of another size it copies all, or refuses the log: it does not read old bits as new ones.
scenario "a mirror's disk log after the mirror became longer, and after its regions became larger: what differed is copied, or the log is refused"

daemon
create leg0 "0 16384 linear /dev/scratch0 0"
create leg1 "0 16384 linear /dev/scratch1 0"
mirror() { create m "0 $1 mirror disk 2 /dev/scratch2 $2 2 /dev/ublk-dm/leg0 0 /dev/ublk-dm/leg1 0"; }
is_in_sync() { [[ $(info_line m) == *" $1/$1 1 AA "* ]]; }
alike() { cmp --bytes $((16384 * 512)) /dev/scratch0 /dev/scratch1; }
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=8 oflag=direct status=none
mirror 8192 1024
wait_until 30 is_in_sync 8
remove m

mirror 16384 1024
wait_until 30 is_in_sync 16
alike || fail "a mirror that became longer is in sync, and its legs differ"

# Region 10 of 16 differs, and the log knows.
sleep 1
load leg1 "0 16384 error"
resume leg1
check dd if=/dev/urandom of=/dev/ublk-dm/m bs=4k seek=1280 count=4 oflag=direct status=none
[[ $(info_line m) == *" 15/16 1 AD "* ]] || fail "one region should be out of sync: $(info_line m)"
remove m
load leg1 "0 16384 linear /dev/scratch1 0"
resume leg1

if mirror 16384 2048 2>/tmp/refused; then
  wait_until 30 is_in_sync 8
  echo "with regions of 2048 sectors: $(info_line m)"
  sleep 1
  alike >/tmp/cmp || fail "with larger regions the mirror counts as in sync ($(info_line m)), and its legs differ: $(cat /tmp/cmp)"
  remove m
else
  cat /tmp/refused
fi
pass
