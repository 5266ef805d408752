# timeout: 400
# kernels: 7.2
scenario "counters of a device are those of /sys/block/*/stat to the request; top says of an interval what the kernel counted in it; it ends by Ctrl-C"

daemon
length=524288   # 256 MiB
create low "0 $length linear /dev/scratch0 0"
create db "0 $length reqlog /dev/ublk-dm/low 0"

# The kernel's words for it: reads, sectors read, writes with write-zeroes, sectors, discards, sectors.
kernel_counts() { local stat && stat_of /dev/ublk-dm/db && echo "${stat[0]} ${stat[2]} ${stat[4]} ${stat[6]} ${stat[11]} ${stat[13]}"; }
our_counts() {
  api GET /stats | jq --raw-output --arg name "$1" '.devices[] | select(.name == $name).traffic
    | [.read.requests, .read.sectors, .write.requests + .writeZeroes.requests, .write.sectors + .writeZeroes.sectors, .discard.requests, .discard.sectors] | join(" ")'
}
job() { check fio --filename=/dev/ublk-dm/db --ioengine=libaio --direct=1 --group_reporting --output-format=terse "$@" >/dev/null; }

# Mixed sizes, among them some that the kernel splits; then zeroes and discards.
job --name=mixed --rw=randrw --bsrange=512-1m --iodepth=16 --size=64M --randseed=3
check blkdiscard --zeroout --offset 1048576 --length 8388608 /dev/ublk-dm/db
check blkdiscard --offset 16777216 --length 33554432 /dev/ublk-dm/db
equal "counts of db" "$(kernel_counts)" "$(our_counts db)"
echo "counted: $(kernel_counts)"
# What reqlog hands on is what low gets, and nothing else.
equal "counts of low" "$(our_counts db)" "$(our_counts low)"
equal "in flight" "0 0" "$(api GET /stats | jq --raw-output '[.devices[].traffic.inFlight] | join(" ")')"
equal "latencies while nobody watches" 0 "$(api GET /stats | jq '[.devices[].traffic.readLatency[].count] | add // 0')"

# What top says of an interval is what the kernel has counted meanwhile, by a look at it twice a second.
rm -f /tmp/enough
fio --filename=/dev/ublk-dm/db --ioengine=libaio --direct=1 --name=rate --rw=randrw --rwmixread=67 --bs=4k --iodepth=8 --rate_iops=400,200 --time_based \
  --runtime=3600 --norandommap >/tmp/rate 2>&1 &
load_of=$!
stat_of /dev/ublk-dm/db
wait_until 60 was_written /dev/ublk-dm/db "${stat[4]}"
while [ ! -e /tmp/enough ]; do counts=$(kernel_counts) && echo "$EPOCHREALTIME $counts" && sleep 0.5; done >/tmp/seen &
looking=$!
check ublk-dm top db -j --interval 4 --count 2 >/tmp/top
tail -n 1 /tmp/top
# of_interval COLUMN: how much the kernel counted in the last interval.
end=$(date --date "$(jq --raw-output --slurp '.[-1].at' /tmp/top)" +%s.%N)
seconds=$(jq --slurp '.[-1].seconds' /tmp/top)
sleep 2
touch /tmp/enough
wait "$looking"
kill -INT "$load_of"
wait "$load_of" || true # its status says that a signal ended it
grep -q 'err= 0' /tmp/rate || fail "fio: $(cat /tmp/rate)"
of_interval() {
  awk -v column="$1" -v end="$end" -v seconds="$seconds" '
    function at(time) { return before + (count - before) * (time - last) / ($1 - last) }
    { count = $column }
    NR > 1 && last <= end - seconds && $1 > end - seconds { from = at(end - seconds) }
    NR > 1 && last <= end && $1 > end { printf "%.3f", (at(end) - from) }
    { last = $1; before = count }' /tmp/seen
}
for what in "readsPerSecond 2 1" "readBytesPerSecond 3 512" "writesPerSecond 4 1" "writeBytesPerSecond 5 512"; do
  read -r field column unit <<<"$what"
  ours=$(jq --slurp ".[-1] | .devices[0].rates.$field * .seconds / $unit" /tmp/top)
  kernels=$(of_interval "$column")
  echo "$field of the interval: ours $ours, the kernel's $kernels"
  awk -v ours="$ours" -v kernels="$kernels" 'BEGIN { exit !(kernels > 50 && ours > kernels * 0.85 - 20 && ours < kernels * 1.15 + 20) }' || fail "$field: ours $ours, the kernel's $kernels"
done
jq --exit-status --slurp '.[-1] | .devices[0].rates as $db | .devices[1].rates as $low
  | ([.devices[] | .name + "/" + (.depth | tostring)] == ["db/0", "low/1"])
    and (($low.readsPerSecond - $db.readsPerSecond) | fabs) < 10
    and $db.p50Ns > 10000 and $db.p50Ns <= $db.p99Ns and $low.p50Ns <= $db.p50Ns * 1.2 and .devices[0].lines[0].target == "reqlog"' /tmp/top >/dev/null ||
  fail "top: $(cat /tmp/top)"
# On a terminal in place, until Ctrl-C.
live=0
script --quiet --return --flush --command "stty cols 120 rows 30; exec env --default-signal=INT ublk-dm top" /tmp/live >/dev/null </dev/null &
showing=$!
wait_until 120 sh -c '[ "$(grep -c DEVICE /tmp/live)" -ge 2 ]'
pkill -INT -x ublk-dm
wait "$showing" || live=$?
equal "status of top after Ctrl-C" 0 "$live"
grep -q $'\e\\[.A' /tmp/live || fail "not in place: $(cat -v /tmp/live)"
tail -n 4 /tmp/live | cat -v
check_fails 1 ublk-dm top no --count 1

remove db
remove low
pass
