# kernels: 7.2
scenario "a full file system under a store holds writers or stops them; a device that is cut short is noticed and told, and is never made longer again"

daemon
length=8192
origin=/dev/scratch0
check dd if=/dev/urandom of=$origin bs=1M count=4 oflag=direct status=none
check mkfs.ext4 -q -m 0 /dev/scratch1 64M
mkdir -p /mnt
check mount /dev/scratch1 /mnt
check dd if=/dev/urandom of=/data bs=1M count=4 status=none

# fill MIB: nothing but so many MiB are free.
fill() {
  rm -f /mnt/fill
  sync
  local free
  free=$(stat --file-system --format '%a*%S' /mnt)
  check fallocate --length $((free - ($1 << 20))) /mnt/fill
}
# make NAME COW STORE [OPTIONS]: a snapshot of the origin, with more of the request's fields.
make() { api POST /devices "$(jq -nc --arg name "$1" --arg table "0 $length snapshot $origin $2 $3 128" "{name: \$name, table: \$table} + ${4:-{\}}")" >/dev/null; }
write() { dd if=/data of="/dev/ublk-dm/$1" bs="${2:-64k}" oflag=direct status=none; }
has_events() { [ "$(event_number "$1")" -ge "$2" ]; }
is_invalid() { [ "$(info_line "$1")" = Invalid ]; }
# told NAME: the event of a device below that has shrunk, and the status.
told() {
  wait_until 20 has_events "$1" 1
  field "$1" shrunk >/dev/null
}
# unchanged FILE BYTES: nobody has made it longer again.
unchanged() { equal "the length of $1" "$2" "$(stat --format %s "$1")"; }

# Held until there is room: two levels and the hold are events, and nothing is lost.
fill 2
make held /mnt/held P '{holdMs: 60000, lowSpace: [50, 90]}'
write held 32k & # half a chunk: each is copied first
writer=$!
wait_until 30 has_events held 3
kill -0 $writer || fail "the writer was not held"
[[ $(info_line held) =~ ^[0-9]+/ ]] || fail "a held snapshot is $(info_line held)"
rm /mnt/fill
wait $writer || fail "the held writer failed"
remove held
make held /mnt/held P
check cmp /data /dev/ublk-dm/held
remove held
rm /mnt/held

# Nobody waits: with PO reads go on, with P the snapshot is lost.
fill 2
make full /mnt/full PO
if write full 2>/dev/null; then fail "there was room for everything"; fi
equal "with PO" Overflow "$(info_line full)"
check dd if=/dev/ublk-dm/full of=/dev/null bs=1M iflag=direct status=none
remove full
rm /mnt/full
make full /mnt/full P
if write full 2>/dev/null; then fail "there was room for everything"; fi
equal "with P" Invalid "$(info_line full)"
remove full
rm /mnt/full

# A sparse file under linear: the user's error, at once. A log takes its room when it is loaded, or is refused.
truncate -s 4M /mnt/sparse
create sparse "linear /mnt/sparse 0"
if write sparse 2>/tmp/error; then fail "there was room for everything"; fi
grep -q "No space left" /tmp/error || fail "not ENOSPC: $(cat /tmp/error)"
remove sparse
truncate -s 1M /mnt/log
if refusal=$(create mirrored "0 $length mirror disk 3 /mnt/log 8 nosync 2 $origin 0 /dev/scratch2 0" 2>&1); then fail "a log without room was taken"; fi
grep -q "make room" <<<"$refusal" || fail "the refusal does not say what to do: $refusal"
rm /mnt/fill /mnt/sparse
create mirrored "0 $length mirror disk 3 /mnt/log 8 nosync 2 $origin 0 /dev/scratch2 0"
[ "$(stat --format %b /mnt/log)" -ge 3 ] || fail "the log has no room of its own: $(stat --format %b /mnt/log) sectors"
remove mirrored

# A store that is cut short is lost at once, and the file stays as it was cut.
make cut /mnt/cut P
check write cut
truncate -s 1M /mnt/cut
wait_until 20 is_invalid cut
told cut
if write cut 2>/dev/null; then fail "a write went to a store that was cut short"; fi
remove cut
unchanged /mnt/cut $((1 << 20))
make cut /mnt/cut P
equal "loaded again" Invalid "$(info_line cut)"
remove cut
rm /mnt/cut
make cut /mnt/cut P
check write cut
remove cut
truncate -s 1M /mnt/cut
if refusal=$(make cut /mnt/cut P 2>&1); then fail "a store that was cut short while nobody had it was taken"; fi
grep -q "was larger once" <<<"$refusal" || fail "the refusal does not say why: $refusal"

# A file under linear; a device of the kernel's device-mapper.
truncate -s 4M /mnt/file
create line "linear /mnt/file 0"
check write line
truncate -s 2M /mnt/file
told line
check_fails 1 dd if=/data of=/dev/ublk-dm/line bs=64k count=1 seek=50 oflag=direct status=none
check_fails 1 dd if=/dev/ublk-dm/line of=/dev/null bs=64k count=1 skip=50 iflag=direct status=none
check dd if=/dev/ublk-dm/line of=/dev/null bs=64k count=32 iflag=direct status=none
remove line
unchanged /mnt/file $((2 << 20))
kernel_dm low "0 8192 linear /dev/scratch2 0"
create line "linear /dev/mapper/low 0"
check dmsetup reload low --table "0 4096 linear /dev/scratch2 0"
check dmsetup suspend low
check dmsetup resume low
told line
check_fails 1 dd if=/data of=/dev/ublk-dm/line bs=64k count=1 seek=50 oflag=direct status=none
check dd if=/data of=/dev/ublk-dm/line bs=64k count=32 oflag=direct status=none
remove line
kernel_dm_remove low

check umount /mnt
pass
