# timeout: 900
# kernels: 7.2
scenario "100 tables swapped under fio verify without an I/O error: linear, striped over one, two lines, through a stack, and snapshot reloads"

daemon
sectors=131072
linear="0 $sectors linear /dev/scratch0 0"
striped="0 $sectors striped 1 32 /dev/scratch0 0"
halves="0 65536 linear /dev/scratch0 0
65536 65536 striped 1 8 /dev/scratch0 65536"
delayed="0 $sectors delay /dev/scratch0 0 5"
create top "$linear"

# swap TABLE: load, suspend, resume.
swap() {
  load top "$1"
  suspend top
  resume top
}

# under_load COUNT TABLE...: fio verifies while the tables take turns.
under_load() {
  local count=$1 fio n
  shift
  fio --name=load --filename=/dev/ublk-dm/top --ioengine=libaio --direct=1 --rw=randrw --bsrange=4k-64k --iodepth=16 --size=64M \
    --verify=crc32c --verify_fatal=1 --verify_backlog=64 --time_based --runtime=600 --randseed=11 >/tmp/fio.log 2>&1 &
  fio=$!
  wait_until 60 in_flight /dev/ublk-dm/top
  for ((n = 0; n < count; n++)); do
    swap "${@:n % $# + 1:1}"
    kill -0 "$fio" 2>/dev/null || fail "fio ended after $n swaps: $(tail -n 5 /tmp/fio.log)"
  done
  kill -INT "$fio"
  wait "$fio" || true    # its status says that a signal ended it; what it saw is in its report
  grep -q 'err= 0' /tmp/fio.log || fail "fio: $(cat /tmp/fio.log)"
  if grep -iE 'verify:|io_u error|bad magic' /tmp/fio.log; then fail "fio found something: $(head -n 5 /tmp/fio.log)"; fi
}

under_load 60 "$striped" "$halves" "$linear" "$delayed" "$linear"
echo "60 swaps of stateless tables"

# A snapshot sees what the linear device had; from here on the data is in the store, so the tables that follow keep it.
snapshot="0 $sectors snapshot /dev/scratch0 /dev/scratch1 P 16"
before=$(digest /dev/ublk-dm/top)
swap "$snapshot"
equal "linear to snapshot" "$before" "$(digest /dev/ublk-dm/top)"
origin=$(digest /dev/scratch0 64M)
under_load 40 "$snapshot"
echo "40 reloads of a snapshot, each taking the store over"
equal "the origin" "$origin" "$(digest /dev/scratch0 64M)"
after=$(digest /dev/ublk-dm/top)
remove top
create top "$snapshot"
equal "the store after a new start" "$after" "$(digest /dev/ublk-dm/top)"
swap "$linear"
equal "snapshot back to linear" "$before" "$(digest /dev/ublk-dm/top)"
remove top
pass
