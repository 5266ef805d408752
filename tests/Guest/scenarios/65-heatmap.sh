# timeout: 400
# kernels: 7.2
scenario "heatmap draws a run of fio, and its cells add up to what the kernel counted meanwhile"

daemon
out=/out/65-heatmap
mkdir -p "$out"
length=524288   # 256 MiB
create low "0 $length linear /dev/scratch0 0"
create db "0 $length reqlog /dev/ublk-dm/low 0"
node=$(basename "$(readlink -f /dev/ublk-dm/db)")

# The kernel's words for it: reads, sectors read, writes with write-zeroes, sectors, discards, sectors.
kernel_counts() { awk '{ print $1, $3, $5, $7, $12, $14 }' "/sys/block/$node/stat"; }
job() { check fio --filename=/dev/ublk-dm/db --ioengine=libaio --direct=1 --group_reporting --output-format=terse "$@" >/dev/null; }

# A run that is drawn: a file that is written from one end to the other, a small place that is written all the time, reads of what is in use.
before=$(kernel_counts)
env --default-signal=INT ublk-dm heatmap db --seconds 600 -o "$out/heatmap.svg" -j >"$out/heatmap.json" 2>"$out/heatmap.err" &
drawing=$!
readers() { [ "$(field db readers)" = "$1" ]; }
wait_until 90 readers 1
job --name=copy --rw=write --bs=64k --offset=16M --size=96M --rate=8m --iodepth=2 \
  --name=journal --rw=write --bs=4k --offset=232M --size=2M --rate_iops=60 --iodepth=1 --time_based --runtime=11 \
  --name=index --rw=randread --bs=4k --offset=120M --size=96M --random_distribution=zipf:1.1 --rate_iops=400 --iodepth=4 --time_based --runtime=12
sleep 1   # a record may wait for one before it
after=$(kernel_counts)
kill -INT "$drawing"   # as Ctrl-C: what there is is drawn
status=0
wait "$drawing" || status=$?
[ "$status" = 0 ] || fail "heatmap: $(cat "$out/heatmap.err")"
read -r -a from <<<"$before"
read -r -a to <<<"$after"
equal "reads and writes drawn, their bytes, and the sums of the cells" \
  "$((to[0] - from[0])) $(((to[1] - from[1]) * 512)) $(((to[1] - from[1]) * 512)) $((to[2] - from[2])) $(((to[3] - from[3]) * 512)) $(((to[3] - from[3]) * 512)) 0" \
  "$(jq --raw-output '[.reads.requests, .reads.bytes, ([.reads.cells[].bytes] | add), .writes.requests, .writes.bytes, ([.writes.cells[].bytes] | add), .lost] | join(" ")' "$out/heatmap.json")"
equal "end of the picture" "</svg>" "$(tail -n 1 "$out/heatmap.svg")"

remove db
remove low
pass
