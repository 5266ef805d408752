# kernels: 6.12
# timeout: 300
# (before Linux 7.0 the driver reads the partitions inside START_DEV, and there is a way to get stuck in it)
scenario "a node whose start runs past its limit is taken back when what it waits for comes, and nothing of it stays"

nodes() { find /dev -name 'ublk[bc]*' | sort | tr '\n' ' '; }
daemon
create low "0 65536 linear /dev/scratch0 0"
equal "nodes" "/dev/ublkb0 /dev/ublkc0 " "$(nodes)"
check ublk-dm create top --notable
load top "linear /dev/ublk-dm/low 0"
suspend low
answer=$(check_fails any resume top)
echo "$answer after $SECONDS s"
grep -q "did not finish START_DEV within 30 s" <<<"$answer"
# While it is stuck, the rest of the daemon is not, and none of its own nodes can be taken for a disk.
api GET /devices >/dev/null
check_fails any ublk-dm create again --table "linear /dev/ublkb1 0" | grep "device of ublk-dm"
resume low
is_alone() { [ "$(nodes)" = "/dev/ublkb0 /dev/ublkc0 " ]; }
wait_until 90 is_alone || fail "left: $(nodes)"
remove top
check dd if=/dev/ublk-dm/low of=/dev/null bs=64k count=16 iflag=direct status=none
create top "linear /dev/ublk-dm/low 0"
check dd if=/dev/ublk-dm/top of=/dev/null bs=64k count=16 iflag=direct status=none
remove top
remove low
equal "nodes in the end" "" "$(nodes)"
pass
