scenario "suspend holds I/O and resume lets it go; create without a table, clear, message, wait, and the state in info"

daemon
api POST /devices '{"name":"d"}' >/dev/null
check_fails any resume nosuch
load d "0 8192 linear /dev/scratch0 0"
check test ! -e /dev/ublk-dm/d
resume d
state() { api GET /devices/d | jq -r "$1"; }
suspend d
equal suspended true "$(state .suspended)"
dd if=/dev/urandom of=/dev/ublk-dm/d bs=64k count=4 oflag=direct status=none &
writer=$!
wait_until 10 grep -q '(dd) D' "/proc/$writer/stat"
load d "0 8192 linear /dev/scratch1 0"
resume d
wait "$writer"
equal "the old disk" "$(head -c 256K /dev/zero | digest)" "$(digest /dev/scratch0 256K)"
equal "the new disk" "$(digest /dev/ublk-dm/d 256K)" "$(digest /dev/scratch1 256K)"
load d "0 8192 zero"
api POST /devices/d/clear >/dev/null
suspend d
resume d
equal "the table after clear" "linear" "$(api GET /devices/d/table | jq -r '.[0].target')"

# The command itself.
check ublk-dm ls
check ublk-dm info d
check ublk-dm table d
check ublk-dm targets
check ublk-dm version
check ublk-dm doctor
ublk-dm info d -j | jq -e . >/dev/null
remove d
pass
