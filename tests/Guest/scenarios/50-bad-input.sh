# timeout: 900
# kernels: 7.2
scenario "bad input gets one line that says what, where and what to do, a status, and leaves nothing behind"

daemon
check modprobe dm-snapshot
check modprobe loop
# What is open; an assembly is loaded, and stays open, when it is first needed.
open_files() { find "/proc/$(pgrep -x ublk-dmd)/fd" -type l ! -lname '*.dll' -printf '%f %l\n' | sort -n; }
descriptors() { open_files | wc -l; }
nodes() { find /dev -name 'ublk[bc]*' | sort; }
before_nodes=$(nodes)
before_descriptors=$(descriptors)
open_files >/tmp/descriptors

# refused NAME TABLE PATTERN [JSON]: the API refuses it with a message that matches.
refused() {
  local answer
  if answer=$(api POST /devices "$(jq -nc --arg name "$1" --arg table "$2" "{name: \$name, table: \$table} + ${4:-{\}}")" 2>&1); then
    fail "accepted: $2"
  fi
  grep -qE -- "$3" <<<"$answer" || fail "table '$2': the message does not say /$3/: $answer"
  [ "$(printf '%s\n' "$answer" | wc -l)" = 1 ] || fail "more than one line: $answer"
  equal "nodes after '$2'" "$before_nodes" "$(nodes)"
}

refused a "0 8 lineer /dev/scratch0 0" "line 1: unknown target 'lineer'; did you mean 'linear'"
refused a "0 8 linear /dev/scratch0" "line 1, argument 2 \(.*\): is missing"
refused a "0 8 linear /dev/scratch0 0 7" "line 1, argument 3.*one argument too many"
refused a "0 8 linear /dev/scratch0 x" "line 1, argument 2 .*not a decimal number"
refused a "0 8 linear /dev/scratch0 99999999" "argument 2 .*(range|behind|end|small)"
refused a "0 2000000 linear /dev/scratch0 0" "line 1.*(1048576|small|end|long)"
refused a "0 8 linear /dev/nothing 0" "argument 1 .*/dev/nothing: no such device"
refused a "0 8 linear /tmp 0" "neither a block device nor a regular file"
refused a "0 8 zero
16 8 zero" "line 2.*gap"
refused a "0 8 zero
4 8 zero" "line 2.*overlap"
refused a "0 0 zero" "length 0"
refused a "0 8" "too short"
refused a "" "empty"
refused a "0x0 8 zero" "not a decimal"
refused "a/b" "0 8 zero" "no device name"
refused a "snapshot /dev/scratch0 /dev/scratch1 X 8" "store"
refused a "snapshot /dev/scratch0 /dev/scratch1 persistent 8" "store"
refused a "snapshot /dev/scratch0 /dev/scratch1 P 7" "power of two"
refused a "snapshot /dev/scratch0 /dev/scratch0 P 8" "same|twice"
refused a "snapshot /dev/scratch0 /nofolder/cow" "no folder"

# Swapped arguments: the COW device holds a file system, which begins with zeros.
check mkfs.ext4 -q /dev/scratch1
content=$(digest /dev/scratch1 4M)
refused a "snapshot /dev/scratch0 /dev/scratch1" "--force"
equal "the file system" "$content" "$(digest /dev/scratch1 4M)"

# A damaged header.
check dd if=/dev/zero of=/dev/scratch1 bs=1M count=4 conv=fsync status=none
printf 'SnApJUNKJUNKJUNK' | check dd of=/dev/scratch1 conv=notrunc,fsync status=none
refused a "snapshot /dev/scratch0 /dev/scratch1" "argument 2 .*version"
check dd if=/dev/zero of=/dev/scratch1 bs=1M count=4 conv=fsync status=none

# Mounted, in use, twice.
check mkfs.ext4 -q /dev/scratch2
mkdir -p /tmp/mnt
check mount /dev/scratch2 /tmp/mnt
refused a "linear /dev/scratch2 0" "mounted at /tmp/mnt"
# A store in a mounted file system is fine, unless that stands on us.
create inner "linear /dev/scratch3 0"
check mkfs.ext4 -q /dev/ublk-dm/inner
mkdir -p /tmp/mnt2
check mount /dev/ublk-dm/inner /tmp/mnt2
before_nodes=$(nodes)
refused a "snapshot /dev/scratch0 /tmp/mnt2/cow" "device of ublk-dm"
head -c 8M /dev/zero >/tmp/mnt2/file
loop=$(check losetup --find --show /tmp/mnt2/file)
refused a "linear $loop 0" "device of ublk-dm"
check losetup --detach "$loop"
refused a "linear /dev/ublk-dm/inner 0" "mounted at /tmp/mnt2"
check umount /tmp/mnt2
refused inner "0 8 zero" "exists already"
create snap1 "0 8192 snapshot /dev/scratch0 /tmp/mnt/cow P 8"
before_nodes=$(nodes)
refused snap2 "0 8192 snapshot /dev/scratch1 /tmp/mnt/cow P 8" "is the store of a live snapshot of"
refused snap2 "0 8192 snapshot /dev/scratch0 /tmp/mnt/cow P 8" "still runs; suspend its device"
answer=$(check_fails any load inner "linear /dev/ublk-dm/inner 0")
grep -q "own device" <<<"$answer"
answer=$(check_fails any load inner "0 8 zero")
grep -q "sectors long" <<<"$answer"
refused a "0 2048 linear /proc/kcore 0" "no storage but a view into the kernel"
refused a "0 8 linear /sys/kernel/notes 0" "no storage but a view into the kernel"
kernel_dm held "0 8 linear /dev/scratch1 0"
refused a "linear /dev/scratch1 0" "in use|used by"
kernel_dm_remove held
remove snap1
remove inner
check umount /tmp/mnt
# A connection is closed a little after its client has gone.
for ((i = 0; i < 200 && $(descriptors) > before_descriptors + 2; i++)); do sleep 0.1; done
if [ "$(descriptors)" -gt $((before_descriptors + 2)) ]; then
  open_files | diff /tmp/descriptors - || true
  fail "descriptors: $before_descriptors before, $(descriptors) after"
fi
equal "devices in the end" "[]" "$(api GET /devices | tr -d ' ')"
equal "links" "" "$(ls /dev/ublk-dm)"

# The command: statuses and the form of the line.
answer=$(check_fails 1 ublk-dm create a --table "0 8 lineer /dev/scratch0 0")
grep -qx "error: table line 1: unknown target 'lineer'; did you mean 'linear'?" <<<"$answer"
check_fails 2 ublk-dm create
check_fails 2 ublk-dm frobnicate
answer=$(check_fails 1 ublk-dm status nosuch)
grep -q "^error: .*nosuch" <<<"$answer"
pass
