# timeout: 600
# kernels: 7.2
scenario "stores P, PO and N do as the kernel's: table, status, events, header and errors, chunk by chunk until they are full and on; discards too"

daemon
check modprobe dm-snapshot
# The same steps with the kernel's device-mapper and with ours; what they print must be the same.
make() {
  if [ "$side" = kernel ]; then dmsetup create t --table "$1" && device=/dev/mapper/t; else create t "$1" && device=/dev/ublk-dm/t; fi
}
unmake() { if [ "$side" = kernel ]; then dmsetup remove --retry t; else remove t; fi; }
line() { if [ "$side" = kernel ]; then dmsetup table t; else table_line t; fi; }
state() {
  if [ "$side" = kernel ]; then
    echo "$(dmsetup status t) events $(dmsetup info -c --noheadings -o events t)"
  else
    echo "$(status_line t) events $(event_number t)"
  fi
}
# put FIRST-SECTOR SECTORS: writes them; get FIRST-SECTOR: reads one.
put() { dd if=/dev/urandom of="$device" bs=512 seek="$1" count="$2" oflag=direct conv=notrunc status=none 2>/dev/null && echo "write $1 ok" || echo "write $1 fails"; }
get() { dd if="$device" of=/dev/null bs=512 skip="$1" count=1 iflag=direct status=none 2>/dev/null && echo "read $1 ok" || echo "read $1 fails"; }
header() { dd if=/dev/mapper/cow bs=512 count=1 iflag=direct status=none | od -An -tx1 -N16; }

# fill STORE CHUNK COW-SECTORS WRITES: writes to so many chunks, the last ones one by one, then once more to the first.
fill() {
  local store=$1 chunk=$2 cow_sectors=$3 writes=$4 i first
  check dd if=/dev/zero of=/dev/scratch1 bs=1M count=1 oflag=direct status=none
  kernel_dm cow "0 $cow_sectors linear /dev/scratch1 0"
  make "0 1024 snapshot /dev/scratch0 /dev/mapper/cow $store $chunk"
  line
  # All but the last few in one go.
  first=$((writes > 7 ? writes - 7 : 0))
  [ "$first" = 0 ] || put 0 $((first * chunk))
  for ((i = first; i < writes; i++)); do
    put $((i * chunk)) "$chunk"
    state
  done
  put 0 1
  get 0
  get 1000
  state
  unmake
  [[ $store = [Nn]* ]] || {
    header
    make "0 1024 snapshot /dev/scratch0 /dev/mapper/cow $store $chunk"
    state
    get 0
    unmake
  }
  kernel_dm_remove cow
}

# discards STORE: whole chunks with and without an exception, and what the snapshot holds then. Chunks are large because Linux 7.2 divides
# by zero when a chunk has fewer sectors than a sector has bytes (it takes the one for the other in discard_granularity).
discards() {
  check dd if=/dev/zero of=/dev/scratch1 bs=1M count=1 oflag=direct status=none
  kernel_dm cow "0 32768 linear /dev/scratch1 0"
  make "0 16384 snapshot /dev/scratch0 /dev/mapper/cow $1 512 1 discard_zeroes_cow"
  line
  dd if=/dev/scratch0 of="$device" bs=256k count=8 seek=16 oflag=direct status=none
  state
  check blkdiscard -o $((17 * 262144)) -l 262144 "$device"
  check blkdiscard -o $((20 * 262144)) -l $((3 * 262144)) "$device"
  check blkdiscard -o 0 -l $((4 * 262144)) "$device"
  state
  digest "$device"
  unmake
  kernel_dm_remove cow
}

# bad ARGUMENTS: refused by both.
bad() { if make "0 1024 snapshot $*" >/dev/null 2>&1; then echo "'$*' is taken" && unmake; else echo "'$*' is refused"; fi; }

steps() {
  fill P 1 34 36
  fill P 1 35 36
  fill P 1 36 36
  fill PO 8 80 10
  fill P 8 80 10
  fill N 8 80 12
  fill nfoo 4 80 4
  fill po 8 200 4
  discards P
  discards N
  discards PO
  bad /dev/scratch0 /dev/scratch1 P 7
  bad /dev/scratch0 /dev/scratch1 X 8
  bad /dev/scratch0 /dev/scratch1 persistent 8
  bad /dev/scratch0 /dev/scratch1 POO 8
  bad /dev/scratch0 /dev/scratch1 N 0
  bad /dev/scratch0 /dev/scratch1 N 8 1 discard_passdown_origin
  bad /dev/scratch0 /dev/scratch1 N 8 1 foo
  bad /dev/scratch0 /dev/scratch1 N 8 extra
  bad /dev/scratch0 /dev/scratch1 N 4194304
  bad /dev/scratch0 /dev/scratch0 P 8
}

check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=8 oflag=direct status=none
for side in kernel ours; do
  echo "-- $side"
  steps >"/tmp/$side"
done
cat /tmp/kernel
diff -u /tmp/kernel /tmp/ours || fail "ours does otherwise than the kernel's; see the difference above"

pass
