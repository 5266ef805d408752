# timeout: 600
# kernels: 7.2
scenario "a COW store goes from one device to another as in the kernel: the same steps, states and refusals"

daemon
check modprobe dm-snapshot
# The same steps with the kernel's device-mapper and with ours; what they print must be the same.
dm() {
  if [ "$side" = kernel ]; then
    case $1 in
      create) dmsetup create --notable "$2" ;;
      load) dmsetup load "$2" --table "$3" ;;
      remove) dmsetup remove --retry "$2" ;;
      *) dmsetup "$1" "$2" ;;
    esac
  else
    case $1 in
      create) api POST /devices "{\"name\": \"$2\"}" ;;
      remove) api DELETE "/devices/$2?force=true" ;;
      *) "$1" "$2" "${3:-}" ;;
    esac
  fi >/dev/null 2>&1 && echo "$1 $2" || echo "$1 $2 is refused"
}
node() { if [ "$side" = kernel ]; then echo "/dev/mapper/$1"; else echo "/dev/ublk-dm/$1"; fi; }
# lines VERB NAME [--inactive]
lines() {
  if [ "$side" = kernel ]; then dmsetup "$1" ${3:-} "$2"; else api GET "/devices/$2/$1${3:+?inactive=true}" | jq -r '.[0] | "\(.start) \(.sectorCount) \(.target) \(.params)"'; fi
}
table() { lines table "$@"; }
state() { lines status "$@"; }
# put NAME FIRST-SECTOR SECTORS BYTE; get NAME FIRST-SECTOR SECTORS
put() { head -c $(($3 * 512)) /dev/zero | tr '\0' "$4" | dd of="$(node "$1")" bs=512 seek="$2" oflag=direct conv=notrunc status=none iflag=fullblock && echo "write $1 $2" || echo "write $1 $2 fails"; }
get() { dd if="$(node "$1")" bs=512 skip="$2" count="$3" iflag=direct status=none 2>/dev/null | tr -d '\0' | head -c 4 | od -An -c || echo "read $1 $2 fails"; }

steps() {
  check dd if=/dev/zero of=/dev/scratch0 bs=1M count=8 oflag=direct status=none
  check dd if=/dev/zero of=/dev/scratch1 bs=1M count=2 oflag=direct status=none
  dm create org
  dm load org "0 16384 snapshot-origin /dev/scratch0"
  dm resume org
  dm create snap
  dm load snap "0 16384 snapshot /dev/scratch0 /dev/scratch1 P 8"
  dm resume snap
  put org 0 16 O
  put org 800 8 O
  put snap 80 8 S
  put snap 96 8 S
  state snap
  echo "-- to a merge on the origin's device"
  dm suspend org
  dm load org "0 16384 snapshot-merge /dev/scratch0 /dev/scratch1 P 8"
  table org --inactive
  state org --inactive
  dm resume org
  state snap
  dm suspend snap
  dm resume snap
  dm resume org
  state snap
  for _ in $(seq 100); do state org | grep -q ' 16/[0-9]* 16$' && break; sleep 0.2; done
  state org
  table org
  dm resume snap
  get snap 0 8
  state snap
  dm remove snap
  get org 0 8
  get org 80 8
  get org 96 8
  get org 800 8
  dm remove org
  echo "-- one heir, lost with its predecessor"
  check dd if=/dev/zero of=/dev/scratch1 bs=1M count=2 oflag=direct status=none
  dm create s1
  dm load s1 "0 16384 snapshot /dev/scratch0 /dev/scratch1 P 16"
  dm create s1b
  dm load s1b "0 16384 snapshot /dev/scratch0 /dev/scratch1 P 16"
  dm resume s1
  dm load s1b "0 16384 snapshot /dev/scratch0 /dev/scratch1 P 16"
  dm create s1c
  dm load s1c "0 16384 snapshot /dev/scratch0 /dev/scratch1 P 16"
  dm resume s1b
  dm suspend s1
  dm resume s1
  dm remove s1
  dm resume s1b
  state s1b
  table s1b
  dm remove s1b
  dm remove s1c
}

for side in kernel ours; do
  echo "-- $side"
  steps >"/tmp/$side"
done
cat /tmp/kernel
diff -u /tmp/kernel /tmp/ours || fail "ours does otherwise than the kernel's; see the difference above"

pass
