# timeout: 600
# kernels: 7.2
scenario "reqlog: received + reported lost = issued, also for readers that stall; they slow nothing; a rotated file; a copy kept up to date through a pipe"

daemon
length=131072   # 64 MiB
mkdir -p /tmp/log
create r "0 $length reqlog /dev/scratch0 0 6 file /tmp/log/r rotate_mib 1 keep 1"
node=$(api GET /devices/r | jq --raw-output .node)

# issued: requests that the kernel has sent to the driver: reads, writes, discards. A flush without data is among the writes, and also counted
# by itself; there is one flusher here, so each is one request.
issued() { awk '{ print $1 + $5 + $12 }' "/sys/block/${node##*/}/stat"; }
# load_io NODE COUNT: so many random reads and writes, and flushes; prints the mean latency in microseconds.
load_io() {
  fio --name=load --filename="$1" --ioengine=libaio --direct=1 --rw=randrw --bs=4k --iodepth=8 --size=64M --norandommap --randrepeat=0 --fdatasync=64 \
    --number_ios="$2" --io_size=16G --output-format=json | jq '[.jobs[0].read, .jobs[0].write] | (map(.clat_ns.mean * .total_ios) | add) / (map(.total_ios) | add) / 1000 | floor'
}
# totals FILE: received and lost, of what `log -j` printed.
totals() { awk -F'"lost":' '/"kind":"request"/ { got++ } NF > 1 { sub(/[^0-9].*/, "", $2); lost += $2 } END { printf "%d %d\n", got, lost }' "$1"; }

# The same without readers that stall, to compare with.
create q "0 $length reqlog /dev/scratch2 0 6 file /tmp/log/q rotate_mib 1 keep 1"
quiet=$(api GET /devices/q | jq --raw-output .node)
load_io "$node" 4000 >/dev/null   # the JIT
load_io "$quiet" 4000 >/dev/null

# stream NAME WORDS: what a device streams, as it comes.
stream() { exec curl --silent --no-buffer --unix-socket /run/ublk-dm/control.sock --data "{\"words\":[$2]}" "http://ublk-dm/v1/devices/$1/stream"; }
stream q '"log","follow"' >/tmp/quiet.reqlog &
# Four readers: one that reads, one whose program is stopped, one that is stopped itself, one that wants dirty ranges and is stopped.
stream r '"log","follow"' >/tmp/good.reqlog &
mkfifo /tmp/pipe
sh -c 'read -r first; echo "$first"; kill -STOP $$; exec cat' </tmp/pipe >/tmp/stopped &
sleeper=$!
ublk-dm log r --follow -j >/tmp/pipe &
stream r '"log","follow","op=wf"' >/tmp/writes &
writes=$!
stream r '"log","follow","overflow=dirty"' >/tmp/dirty &
dirty=$!
wait_until 200 sh -c 'test -s /tmp/good.reqlog && test -s /tmp/stopped && test -s /tmp/writes && test -s /tmp/dirty'
kill -STOP "$writes" "$dirty"
equal "readers" 5 "$(info_line r | cut -d' ' -f5)"   # and the file

first=$(issued)
read -r _ _ _ _ writes_first _ _ _ _ _ _ _ _ _ _ flushes_first _ <"/sys/block/${node##*/}/stat"
load_io "$node" 2000 >/dev/null   # the JIT has the streams to do, and buffers fill
for round in 1 2 3; do
  stalled=$(load_io "$node" 13500)
  alone=$(load_io "$quiet" 13500)
  printf -- '-- latency: %s us with readers that stall, %s us without: ratio %s\n' "$stalled" "$alone" "$(awk "BEGIN { printf \"%.2f\", $stalled / $alone }")"
done
count=$(($(issued) - first))
read -r _ _ _ _ writes_last _ _ _ _ _ _ _ _ _ _ flushes_last _ <"/sys/block/${node##*/}/stat"
kill -CONT "$sleeper" "$writes" "$dirty"
table=$(api GET /devices/r/table | jq --raw-output '.[0].params')
equal "table" "0 6 file /tmp/log/r rotate_mib 1 keep 1" "${table#* }"
line=$(info_line r)
remove q
remove r
wait

read -r _ arrived recorded dropped _ <<<"$line"
equal "recorded + dropped = arrived" "$arrived" $((recorded + dropped))
ublk-dm log --file /tmp/good.reqlog -j >/tmp/good
for reader in good stopped; do
  read -r got lost <<<"$(totals /tmp/$reader)"
  printf -- '-- %s: received %s + lost %s = issued %s\n' "$reader" "$got" "$lost" "$count"
  equal "$reader" "$count" $((got + lost))
done
[ "$lost" -gt 0 ] || fail "nothing was lost by the reader that stood still"
ublk-dm log --file /tmp/writes -j >/tmp/writes.json
read -r got lost <<<"$(totals /tmp/writes.json)"
printf -- '-- writes and flushes: received %s + lost %s\n' "$got" "$lost"
equal "writes and flushes" $((writes_last - writes_first)) $((got + lost))
grep -q '"lost"' /tmp/good || equal "flushes that the good reader saw" $((flushes_last - flushes_first)) "$(grep -c '"kind":"request".*"op":"f"' /tmp/good)"
ublk-dm log --file /tmp/dirty -j >/tmp/dirty.json
read -r got lost <<<"$(totals /tmp/dirty.json)"
equal "the reader of dirty ranges" "$count" $((got + lost))
equal "gaps of writes that are not dirty ranges" 0 "$(grep -c '"kind":"gap".*"op":"w"' /tmp/dirty.json || true)"

# The file: rotated, whole, and without a hole between one and the next.
equal "files, of three" "r r.1" "$(cd /tmp/log && echo $(ls -d r*))"
# number FILE OFFSET: the sequence number of the record there.
number() { od -An -tu8 -j "$(($2 + 8))" -N 8 "$1" | tr -d ' '; }
equal "the next file goes on" "$(($(number /tmp/log/r.1 $(($(stat -c %s /tmp/log/r.1) - 48))) + 1))" "$(number /tmp/log/r 128)"
equal "length of a rotated file" 1 "$(($(stat -c %s /tmp/log/r.1) / 1048576))"

# A copy of a device in use, by a program at the end of a pipe that knows three fields: all once, then the MiBs that were written.
create r "0 $length reqlog /dev/scratch0 0 1 off"
node=$(api GET /devices/r | jq --raw-output .node)
ublk-dm log r --follow --classic 2>/tmp/note >/tmp/classic &
wait_until 200 test -s /tmp/note
grep -q '^r: recording is off; turn it on: ublk-dm message r 0 on$' /tmp/note || fail "$(cat /tmp/note)"
api POST /devices/r/message '{"words":["on"]}' >/dev/null
suspend r
resume r
load_io "$node" 6000 >/dev/null &
dd if=/dev/scratch0 of=/dev/scratch1 bs=1M count=64 iflag=direct oflag=direct status=none
wait "$!"
remove r
wait
[ "$(grep -c '^w [0-9]* 4096$' /tmp/classic)" -gt 1000 ] || fail "writes in the pipe: $(head -n 3 /tmp/classic)"
awk '$1 == "w" { for (mib = int($2 / 2048); mib <= int(($2 + $3 / 512 - 1) / 2048); mib++) dirty[mib] = 1 } END { for (mib in dirty) print mib }' /tmp/classic >/tmp/mibs
while read -r mib; do dd if=/dev/scratch0 of=/dev/scratch1 bs=1M count=1 skip="$mib" seek="$mib" iflag=direct oflag=direct conv=notrunc status=none; done </tmp/mibs
equal "the copy" "$(digest /dev/scratch0 67108864)" "$(digest /dev/scratch1 67108864)"

# A file that has no room: said, counted, I/O goes on; with room again it goes on too.
mkdir /tmp/small
mount -t tmpfs -o size=256k none /tmp/small
head -c 240000 /dev/zero >/tmp/small/ballast
create r "0 $length reqlog /dev/scratch0 0 2 file /tmp/small/r"
node=$(api GET /devices/r | jq --raw-output .node)
load_io "$node" 2000 >/dev/null
wait_until 10 sh -c "curl -s --unix-socket /run/ublk-dm/control.sock http://ublk-dm/v1/devices/r/status | grep -q 'No space left'"
[[ $(info_line r) = *" failed -" ]] || fail "the file is full: $(info_line r)"
sleep 3
equal "events, tried again and again" 1 "$(event_number r)"
rm /tmp/small/ballast
wait_until 10 sh -c "curl -s --unix-socket /run/ublk-dm/control.sock http://ublk-dm/v1/devices/r/status | grep -q ' ok -'"
check_fails 1 ublk-dm message r 0 file /etc/passwd
remove r
umount /tmp/small
pass
