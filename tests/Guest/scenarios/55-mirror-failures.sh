# timeout: 400
# kernels: 7.2
scenario "a mirror on legs of ours that start to fail: status, events and held writes as the kernel's, a leg replaced under fio verify without an error; a snapshot on a mirror, and a mirror on stacks"

daemon
length=131072   # 64 MiB
regions=$((length / 1024))
mirror="mirror core 2 1024 nosync 2 /dev/ublk-dm/leg0 0 /dev/ublk-dm/leg1 0"
well() { load "leg$1" "0 $length linear /dev/scratch$1 0"; resume "leg$1"; }
fail_leg() { load "leg$1" "0 $length error"; resume "leg$1"; }
# state: sync counts, health and events, as the kernel's transcript has them.
state() { echo "$(info_line m | cut -d' ' -f4-6) ev=$(api GET /devices/m | jq .eventNumber)"; }
is_state() { [ "$(state)" = "$1" ]; }
in_sync() { [[ $(info_line m) = *" $regions/$regions 1 AA"* ]]; }
write_at() { dd if=/dev/urandom of=/dev/ublk-dm/m bs=4k count=1 seek="$1" oflag=direct conv=notrunc status=none; }
read_at() { dd if=/dev/ublk-dm/m of=/dev/null bs=4k count=1 skip="$1" iflag=direct status=none; }
create leg0 "0 $length linear /dev/scratch0 0"
create leg1 "0 $length linear /dev/scratch1 0"
one_less=$((regions - 1))/$regions

# No features: nobody is told, writes go on, and regions fall out of sync.
create m "0 $length $mirror"
equal "at first" "$regions/$regions 1 AA ev=0" "$(state)"
fail_leg 1
check write_at 0
equal "no features, secondary write error" "$one_less 1 AD ev=0" "$(state)"
well 1
remove m
create m "0 $length $mirror"
fail_leg 0
check write_at 0
equal "no features, primary write error" "$one_less 1 DA ev=0" "$(state)"
check_fails any read_at 0
check read_at 3000
check_fails any write_at 0
well 0
remove m

# handle_errors: the write is held. The next table gets it after a noflush suspend, a plain one fails it.
create m "0 $length $mirror 1 handle_errors"
fail_leg 1
write_at 0 &
writer=$!
wait_until 20 is_state "$one_less 1 AD ev=1"
check kill -0 "$writer"
check read_at 0
load m "0 $length linear /dev/ublk-dm/leg0 0"
api POST /devices/m/suspend '{"noFlush":true}' >/dev/null
resume m
wait "$writer" || fail "a held write failed"
remove m
well 1
create m "0 $length $mirror 1 handle_errors"
fail_leg 1
write_at 0 >/tmp/held 2>&1 &
writer=$!
wait_until 20 is_state "$one_less 1 AD ev=1"
suspend m
! wait "$writer" || fail "a held write succeeded with a plain suspend"
well 1
resume m
wait_until 60 is_state "$regions/$regions 1 AA ev=2"
remove m
check cmp -n $((length * 512)) /dev/scratch0 /dev/scratch1

# A read that fails is served by another leg, which becomes the default one.
create m "0 $length $mirror 1 handle_errors"
fail_leg 0
check read_at 0
equal "handle_errors, primary read error" "$regions/$regions 1 RA ev=1" "$(state)"
well 0
remove m

# fio verify goes on while a leg fails, with keep_log; and while one is replaced, with handle_errors, whose writes wait meanwhile.
create m "0 $length $mirror 4 handle_errors keep_log read_balance round-robin"
verify /dev/ublk-dm/m --time_based --runtime=8 &
load_of=$!
sleep 3
fail_leg 1
wait "$load_of"
[[ $(info_line m) = *" 1 A"[DFR]" "* ]] || fail "the leg did not fail: $(info_line m)"
well 1
suspend m
resume m
wait_until 120 in_sync
remove m
check cmp -n $((length * 512)) /dev/scratch0 /dev/scratch1
create m "0 $length $mirror 1 handle_errors"
verify /dev/ublk-dm/m --time_based --runtime=10 &
load_of=$!
sleep 3
fail_leg 1
wait_until 20 sh -c "curl -s --unix-socket /run/ublk-dm/control.sock http://ublk-dm/v1/devices/m/status | grep -q ' 1 AD'"
load m "0 $length mirror core 1 1024 2 /dev/ublk-dm/leg0 0 /dev/scratch2 0 1 handle_errors"
api POST /devices/m/suspend '{"noFlush":true}' >/dev/null
resume m
wait "$load_of"
wait_until 120 in_sync
remove m
check cmp -n $((length * 512)) /dev/scratch0 /dev/scratch2
well 1

# A snapshot on a mirror with a core log, and a mirror one of whose legs is striped.
create wide "0 $length striped 2 64 /dev/scratch1 0 /dev/scratch2 0"
create m "0 $length mirror core 1 1024 2 /dev/ublk-dm/leg0 0 /dev/ublk-dm/wide 0"
create users "0 $length snapshot-origin /dev/ublk-dm/m"
create snap "0 $length snapshot /dev/ublk-dm/m /dev/scratch3 P 16"
verify /dev/ublk-dm/snap
check mkfs.ext4 -q -F /dev/ublk-dm/users
mkdir -p /tmp/mnt
check mount /dev/ublk-dm/users /tmp/mnt
head -c 8M /dev/urandom >/tmp/mnt/file
check umount /tmp/mnt
check e2fsck -fn /dev/ublk-dm/users
remove snap
remove users
wait_until 120 in_sync
content=$(sha /dev/ublk-dm/m)
remove m
equal "the striped leg" "$content" "$(sha /dev/ublk-dm/wide)"
remove wide
pass
