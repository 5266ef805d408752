# timeout: 600
scenario "every data mode: fio verify on linear, striped and snapshot, buffers never used too early, the mode chosen and told"

daemon
new_kernel=""
[ "$(uname -r | cut -d. -f1)" -ge 7 ] && new_kernel=yes
modes="copy user-copy"
[ -z "$new_kernel" ] || modes="$modes zero-copy"

# make NAME TABLE MODE [MORE MEMBERS OF JSON]
make() { local json; quoted "$2"; api POST /devices "{\"name\":\"$1\",\"table\":$json,\"mode\":\"$3\"${4:+,$4}}" >/dev/null; }
facts() { api GET "/devices/$1" | jq -r ".ublk.$2"; }

for mode in $modes; do
  make lin "0 262144 linear /dev/scratch0 2048
262144 65536 linear /dev/scratch1 0" "$mode"
  verify /dev/ublk-dm/lin --bsrange=512-512k --size=16M
  equal "the mode" "$mode" "$(facts lin dataMode)"
  remove lin
  make stripe "0 262144 striped 2 64 /dev/scratch0 0 /dev/scratch1 128" "$mode"
  verify /dev/ublk-dm/stripe --bsrange=512-512k --size=16M
  [ "$mode" != zero-copy ] || equal "requests of striped that were copied" 0 "$(facts stripe copied)"
  remove stripe
  check blkdiscard --force --zeroout --length 8M /dev/scratch3
  make snap "0 131072 snapshot /dev/scratch2 /dev/scratch3 P 8" "$mode"
  before=$(digest /dev/scratch2 64M)
  verify /dev/ublk-dm/snap --bsrange=512-512k --size=8M
  remove snap
  equal "the origin, $mode" "$before" "$(digest /dev/scratch2 64M)"
done

# A slow disk under every mode keeps many requests' buffers in use at once; each block's content is its own, so a buffer used again too
# early shows. Tags are few, so that they are used again at once.
modprobe -r null_blk 2>/dev/null || true
modprobe null_blk nr_devices=1 gb=1 memory_backed=1 irqmode=2 completion_nsec=2000000 bs=512
for mode in $modes; do
  make slow "0 262144 linear /dev/nullb0 0" "$mode" '"depth": 8, "queues": 1'
  verify /dev/ublk-dm/slow --bsrange=512-128k --size=8M --iodepth=64 --verify_backlog=64
  remove slow
done

# Spread over both workers, each tag keeps its own.
if [ -n "$new_kernel" ]; then
  make spread "linear /dev/scratch0 0" zero-copy '"queues": 1, "spread": 2'
  equal "the workers of the one queue" "2" "$(api GET /devices/spread | jq '.ublk.workers | unique | length')"
  verify /dev/ublk-dm/spread --bsrange=512-512k
  remove spread
  check_fails any make spread "0 8192 snapshot /dev/scratch2 /dev/scratch3 P 8" auto '"spread": 2'
else
  check_fails any make spread "linear /dev/scratch0 0" copy '"spread": 2'
  check_fails any make zc "linear /dev/scratch0 0" zero-copy
fi

# What auto takes, and says why; a table loaded later that looks at bytes gets them all the same.
make chosen "0 8192 linear /dev/scratch0 0" auto
if [ -n "$new_kernel" ]; then
  equal "auto on a table that maps" "zero-copy: the table's targets only map" "$(facts chosen dataMode): $(facts chosen modeReason)"
  load chosen "0 8192 zero"
  resume chosen
  cmp -n 65536 /dev/ublk-dm/chosen /dev/zero || fail "zeroes through a table loaded later"
  [ "$(facts chosen copied)" -gt 0 ] || fail "reads of zero were not counted as copied"
else
  equal "auto" "copy" "$(facts chosen dataMode)"
fi
remove chosen
make sees "0 8192 zero" auto
equal "auto on a table that looks" "copy" "$(facts sees dataMode)"
remove sees

# Bad input.
check_fails any make bad "0 8192 zero" fastest
check_fails any make bad "0 8192 zero" auto '"queues": 64'
check_fails any make bad "0 8192 zero" auto '"depth": 5000'
check_fails any make bad "0 8192 zero" auto '"spread": 9'
check_fails any make bad "0 8192 zero" auto '"depth": 1, "spread": 2'
check_fails 2 ublk-dm create bad --table "0 8192 zero" --mode copy --mode zero-copy
check_fails 2 /opt/ublk-dm/ublk-dmd --workers 0
check_fails 2 /opt/ublk-dm/ublk-dmd --workers 99
equal "devices left by bad input" 0 "$(api GET /devices | jq length)"
pass
