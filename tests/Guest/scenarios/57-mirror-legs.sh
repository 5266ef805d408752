# timeout: 600
# kernels: 7.2
scenario "legs of a mirror come and go under fio verify by ublk-dm mirror; wait --sync; mirror check finds what differs and repairs it; a recovery that keeps to its limit"

daemon
length=65536   # 32 MiB
regions=$((length / 1024))
content() { dd if="$1" bs=1M count=32 iflag=direct status=none | digest; }
alike() { local first; first=$(content "$1"); shift; for leg in "$@"; do equal "content of $leg" "$first" "$(content "$leg")"; done; }

# keep_verifying: fio verify again and again, until finish_verifying; commands take their time under emulation.
keep_verifying() {
  rm -f /tmp/enough
  while [ ! -e /tmp/enough ]; do verify /dev/ublk-dm/m --time_based --runtime=5; done &
  load_of=$!
}
finish_verifying() {
  touch /tmp/enough
  wait "$load_of"
}

check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=32 oflag=direct status=none
check dd if=/dev/urandom of=/dev/scratch2 bs=1M count=32 oflag=direct status=none
create log "0 2048 linear /dev/scratch3 0"
create m "0 $length mirror disk 2 /dev/ublk-dm/log 1024 2 /dev/scratch0 0 /dev/scratch1 0 1 handle_errors"
[[ $(check ublk-dm wait m --sync) = *"m: in sync" ]] || fail "wait --sync"
[[ $(info_line m) = *" $regions/$regions 1 AA "* ]] || fail "not in sync: $(info_line m)"

keep_verifying
# One more, while it is written; none of the regions is recovered meanwhile, only the new leg is filled.
check ublk-dm mirror add m /dev/scratch2 >/tmp/table
grep -q ' 3 [0-9:]* 0 [0-9:]* 0 [0-9:]* 0 1 handle_errors$' /tmp/table || fail "the table: $(cat /tmp/table)"
check ublk-dm mirror remove m 0
finish_verifying
equal "legs" 2 "$(info_line m | cut -d' ' -f1)"
equal "check" "m: the legs are alike" "$(check ublk-dm mirror check m)"
alike /dev/scratch1 /dev/scratch2

# A leg that fails: writes wait, go on with the leg that is put in its place, and fio sees nothing.
create bad "0 $length linear /dev/scratch0 0"
check ublk-dm mirror add m /dev/ublk-dm/bad >/dev/null
keep_verifying
sleep 2
load bad "0 $length error"
resume bad
wait_until 30 sh -c "curl -s --unix-socket /run/ublk-dm/control.sock http://ublk-dm/v1/devices/m/status | grep -q ' 1 AA[DF]'"
check ublk-dm mirror remove m /dev/ublk-dm/bad >/dev/null
finish_verifying
check ublk-dm wait m --sync >/dev/null
remove bad
alike /dev/scratch1 /dev/scratch2

# What differs behind everybody's back is found, and put right.
check dd if=/dev/urandom of=/dev/scratch2 bs=512 seek=50000 count=3 oflag=direct conv=notrunc status=none
check_fails 1 ublk-dm mirror check m >/tmp/found
grep -q '^m: sectors 50000 to 50002 differ on' /tmp/found || fail "check: $(cat /tmp/found)"
check ublk-dm mirror check m --repair >/dev/null
equal "check" "m: the legs are alike" "$(check ublk-dm mirror check m)"
alike /dev/scratch1 /dev/scratch2
remove m

# 32 MiB at 8 MiB a second, eight regions at a time, with stable writes: about 4 s, never much less.
began=${EPOCHREALTIME/./}
create m "0 $length mirror core 1 1024 2 /dev/scratch1 0 /dev/scratch0 0 5 stable resync_rate 8192 resync_parallel 8"
sleep 1
percent=$(api GET /devices/m/status | jq '.[0].fields[] | select(.name == "in sync").value | floor')
most=$(((${EPOCHREALTIME/./} - began) / 40000 + 20)) # 25 % a second, and eight regions at a time
[ "$percent" -le "$most" ] || fail "$percent % in sync, at most $most could be at 8 MiB/s"
verify /dev/ublk-dm/m
check ublk-dm wait m --sync >/dev/null
check_fails 1 ublk-dm wait log --sync
remove m
alike /dev/scratch0 /dev/scratch1
remove log
pass
