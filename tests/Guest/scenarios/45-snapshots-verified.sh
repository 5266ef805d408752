# timeout: 900
# kernels: 7.2
scenario "fio verifies an origin and four snapshots of it, all written at once, while other snapshots come and go: no error, and each holds the origin of its instant, also when much of the origin is zeroed in one request"

daemon
length=32768   # 16 MiB; fio has the second half of the origin and of the snapshots, and all of the origin
half=$((length / 2 * 512))
rounds=$((2 * ${UBLK_DM_ROUNDS:-1}))
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=16 oflag=direct status=none
for i in 0 1 2 3 4; do kernel_dm "cow$i" "0 $((40 * 2048)) linear /dev/scratch1 $((i * 40 * 2048))"; done
create users "0 $length snapshot-origin /dev/scratch0"
chunks=(4 8 32 128 16)

# instant NAME STORE: a snapshot; the origin's sum at its instant goes to $sum, and that of its first half to $first.
instant() {
  suspend users
  sum=$(digest /dev/scratch0 $((length * 512)))
  first=$(digest /dev/scratch0 "$half")
  create "$1" "0 $length snapshot /dev/scratch0 /dev/mapper/cow$2 P ${chunks[$2]}"
  resume users
}
# fio_verify NAME [FIO OPTION]...: in the background, until fios_end.
declare -a fios=()
fio_verify() {
  fio --name="$1" --filename="/dev/ublk-dm/$1" --ioengine=libaio --direct=1 --rw=randrw --bsrange=512-64k --iodepth=8 \
    --verify=crc32c --verify_fatal=1 --verify_backlog=64 --time_based --runtime=3600 --randseed="$RANDOM" "${@:2}" >"/tmp/fio-$1" 2>&1 &
  fios+=("$!:$1")
}
fios_end() {
  local one log
  for one in "${fios[@]}"; do kill -INT "${one%%:*}" || fail "fio on ${one#*:} ended by itself: $(tail -n 5 "/tmp/fio-${one#*:}")"; done
  for one in "${fios[@]}"; do
    log=/tmp/fio-${one#*:}
    wait "${one%%:*}" || true # its status says that a signal ended it; what it saw is in its report
    grep -q 'err= 0' "$log" || fail "fio on ${one#*:}: $(cat "$log")"
    if grep -iE 'verify:|io_u error|bad magic' "$log"; then fail "fio on ${one#*:} found something"; fi
    grep -o '\(read\|write\): .*' "$log" | sed "s/^/${one#*:}: /"
  done
  fios=()
}

declare -a firsts=()
for i in 0 1 2 3; do
  instant "snap$i" "$i"
  firsts[i]=$first
  # Each snapshot another instant.
  check dd if=/dev/urandom of=/dev/ublk-dm/users bs=32k count=8 seek=$((i * 7)) oflag=direct status=none
done
fio_verify users --size=16M
for i in 0 1 2 3; do fio_verify "snap$i" --offset="$half" --size="$half"; done
for ((round = 1; round <= rounds; round++)); do
  instant other 4
  equal "round $round: a snapshot that has just come" "$sum" "$(digest /dev/ublk-dm/other)"
  sleep 1
  equal "round $round: a snapshot before it goes" "$sum" "$(digest /dev/ublk-dm/other)"
  echo "round $round: $(info_line other)"
  remove other
  check blkdiscard --force --zeroout --length 1M /dev/mapper/cow4 2>/dev/null
done
fios_end

# Zeroes come in requests longer than what an origin looks after at a time, while the other half is written.
node=$(basename "$(readlink --canonicalize /dev/ublk-dm/users)")
check test "$(cat "/sys/block/$node/queue/write_zeroes_max_bytes")" -gt $((512 * 1024))
instant other 4
fio_verify users --offset="$half" --size="$half"
wait_until 60 in_flight /dev/ublk-dm/users
check blkdiscard --zeroout --offset 1536 --length $((half - 4096)) /dev/ublk-dm/users
equal "zeroes on the origin" "$(head -c $((half - 4096)) /dev/zero | digest)" \
  "$(dd if=/dev/scratch0 bs=512 skip=3 count=$((half / 512 - 8)) iflag=direct status=none | digest)"
fios_end
equal "a snapshot of an origin that was zeroed" "$sum" "$(digest /dev/ublk-dm/other)"
for i in 0 1 2 3; do
  equal "snapshot $i where it was not written" "${firsts[i]}" "$(digest "/dev/ublk-dm/snap$i" "$half")"
  echo "chunk ${chunks[i]}: $(info_line "snap$i")"
done
for i in 0 1 2 3; do remove "snap$i"; done
remove other
remove users
for i in 0 1 2 3 4; do kernel_dm_remove "cow$i"; done

pass
