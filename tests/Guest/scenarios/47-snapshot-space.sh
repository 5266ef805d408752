# timeout: 600
# kernels: 7.2
scenario "a store in a sparse file, in memory, in a pool that spills over a file, a disk and memory; an event when it fills up; writers that wait until it is extended"

daemon
check modprobe loop
length=$((24 * 2048))
origin=/dev/scratch0
check dd if=/dev/urandom of=$origin bs=1M count=24 oflag=direct status=none
check mkfs.ext4 -q /dev/scratch2
mkdir -p /mnt
check mount /dev/scratch2 /mnt
truncate -s 8M /mnt/disk
disk=$(losetup --find --show /mnt/disk)

# make NAME COW [OPTIONS]: a snapshot of the origin, with more of the request's fields.
make() { api POST /devices "$(jq -nc --arg name "$1" --arg table "0 $length snapshot $origin $2 P 32" "{name: \$name, table: \$table} + ${3:-{\}}")"; }
# refused COW PATTERN: it is not made, and the message matches.
refused() {
  local answer
  if answer=$(make refused "$1" 2>&1); then fail "accepted: $1"; fi
  grep -qE -- "$2" <<<"$answer" || fail "'$1': the message does not say /$2/: $answer"
}
has_events() { [ "$(event_number "$1")" -gt 0 ]; }
used() { info_line "$1" | cut -d/ -f1; }
# writes NAME MIB: random writes of all sizes all over so many MiB, every block verified.
writes() {
  check fio --name=w --filename="/dev/ublk-dm/$1" --ioengine=libaio --direct=1 --rw=randwrite --bsrange=4k-256k --iodepth=16 --size="$2M" \
    --randseed=7 --verify=crc32c --verify_fatal=1 --do_verify=1 --output-format=terse >/dev/null
}
instant() { digest $origin $((length * 512)); }
first=$(instant)

# A file: as large as it may become, and as long on the disk as it is used.
make file /mnt/cow >/dev/null
writes file 3
blocks=$(stat --format %b /mnt/cow)
[ "$blocks" -lt $((8 * 2048)) ] || fail "the file takes $blocks blocks"
[ "$(stat --format %s /mnt/cow)" -gt $((24 << 20)) ] || fail "the file cannot hold everything: $(stat --format %s /mnt/cow)"
equal "the raw status" "0 $length snapshot $(info_line file)" "$(ublk-dm status file --raw)"
status=$(ublk-dm status file -j)
equal "units in the status" "sectors bytes/s percent" \
  "$(jq -r '[.[0].fields[] | {(.name): .unit}] | add | "\(.used) \(.fills) \(.percent)"' <<<"$status")"
jq -e '[.[0].fields[] | {(.name): .value}] | add | .fills > 0 and ."full in" > 0' <<<"$status" >/dev/null || fail "nothing fills: $status"
remove file

# Memory: gone with the device, and each device has its own.
make one mem:16M >/dev/null
make two mem:16M >/dev/null
equal "table" "snapshot $(stat --format %Hr:%Lr "$(readlink --canonicalize $origin)") mem:16M P 32" \
  "$(api GET /devices/one/table | jq -r '.[0] | "\(.target) \(.params)"')"
writes one 3
equal "the other one" "$first" "$(digest /dev/ublk-dm/two)"
remove one
remove two
make one mem:16M >/dev/null
equal "what was written is discarded" "$first" "$(digest /dev/ublk-dm/one)"
remove one

# A pool: 5 MiB of the file, 7 of the disk, and the rest in memory.
truncate -s 6M /mnt/a
make pool "/mnt/a+$disk+mem:32M" >/dev/null
writes pool 20
[ "$(used pool)" -gt $((14 * 2048)) ] || fail "the store did not spill: $(info_line pool)"
written=$(digest /dev/ublk-dm/pool)
load pool "0 $length snapshot $origin /mnt/a+$disk+mem:32M P 32"
resume pool
equal "the pool after a reload" "$written" "$(digest /dev/ublk-dm/pool)"
remove pool
refused "/mnt/a+$disk+mem:32M" "member 3, mem:32M, is new: it was memory.*--force"
make pool "/mnt/a+$disk+mem:32M" '{force: true}' >/dev/null
equal "a new pool by force" "$first" "$(digest /dev/ublk-dm/pool)"
remove pool
truncate -s 0 /mnt/a
truncate -s 6M /mnt/a
blkdiscard --zeroout --length 4M "$disk"
make pool "/mnt/a+$disk" >/dev/null
writes pool 8
[ "$(used pool)" -gt $((6 * 2048)) ] || fail "the store did not spill: $(info_line pool)"
written=$(digest /dev/ublk-dm/pool)
remove pool
content=$(digest /mnt/a)$(digest "$disk")
refused "$disk+/mnt/a" "member 1, $disk, is member 2 of its pool.*: /mnt/a\+$disk"
refused "/mnt/a+mem:8M" "member 2, mem:8M, is new"
refused "/mnt/a+$disk+mem:8M" "pool of 2 members, and the table names 3"
refused "/mnt/a" "holds something that is no COW store"
equal "what was refused is untouched" "$content" "$(digest /mnt/a)$(digest "$disk")"
make pool "/mnt/a+$disk" >/dev/null
equal "the pool, loaded again" "$written" "$(digest /dev/ublk-dm/pool)"
remove pool
truncate -s 5M /mnt/a
refused "/mnt/a+$disk" "member 1, /mnt/a, has shrunk"

# An event when the store is half full.
make low /mnt/low '{cowSectors: 8192, lowSpace: [50]}' >/dev/null
ublk-dm wait low 0 >/dev/null &
waiter=$!
wait_until 30 grep -q ' 0001 03 .*/control\.sock$' /proc/net/unix # it is connected, and asks at once
sleep 0.5
check dd if=/dev/urandom of=/dev/ublk-dm/low bs=64k count=8 oflag=direct status=none
equal "no event yet" 0 "$(event_number low)"
kill -0 $waiter || fail "wait returned before the level was reached"
check dd if=/dev/urandom of=/dev/ublk-dm/low bs=64k count=40 oflag=direct status=none
wait $waiter || fail "wait low"
equal "one event" 1 "$(event_number low)"
remove low

# Writers of the origin wait until the store is extended, and the snapshot is what the origin was.
create users "0 $length snapshot-origin $origin"
make held /mnt/held '{cowSectors: 4096, holdMs: 60000}' >/dev/null
before=$(instant)
dd if=/dev/urandom of=/dev/ublk-dm/users bs=64k count=64 oflag=direct status=none &
writer=$!
wait_until 30 has_events held
sleep 0.5
kill -0 $writer || fail "the writer was not held"
truncate -s 16M /mnt/held
wait $writer || fail "the held writer"
equal "the snapshot of a held origin" "$before" "$(digest /dev/ublk-dm/held)"
[ "$(used held)" -gt 4096 ] || fail "nothing was written behind the old end: $(info_line held)"
remove held

# Nobody extends it: the snapshot is given up, and the origin is written.
make late /mnt/late '{cowSectors: 4096, holdMs: 300}' >/dev/null
check dd if=/dev/zero of=/dev/ublk-dm/users bs=64k count=64 oflag=direct status=none
equal "a snapshot whose store was not extended" Invalid "$(info_line late)"
cmp --bytes $((64 * 65536)) /dev/zero $origin || fail "the origin was not written"
remove late
remove users

check losetup --detach "$disk"
check umount /mnt
pass
