# timeout: 1500
# kernels: 7.2
scenario "snapshots of several origins at one instant: cuts under load, file systems and processes frozen, and what fails leaves nothing behind"

daemon
ram_disks 2 64
create a 'snapshot-origin /dev/ram0'
create b 'snapshot-origin /dev/ram1'
names() { api GET /devices | jq -r '.[].name' | tr '\n' ' '; }

# The writer stamps a rising number on a, then on b; so at any instant a's is b's, or the next.
(
  for ((n = 1; ; n++)); do
    printf '%-511d\n' "$n" >/tmp/stamp
    dd if=/tmp/stamp of=/dev/ublk-dm/a bs=512 oflag=direct conv=notrunc status=none
    dd if=/tmp/stamp of=/dev/ublk-dm/b bs=512 oflag=direct conv=notrunc status=none
  done
) &
writer=$!
fio --name=load --filename=/dev/ublk-dm/a:/dev/ublk-dm/b --offset=1M --size=60M --rw=randwrite --bs=4k --direct=1 --ioengine=libaio --iodepth=8 \
  --rate_iops=200 --time_based --runtime=36000 --output-format=terse >/tmp/fio.out 2>&1 &
load=$!

cut() {
  local body='{"snapshots":[' one
  for one in "$@"; do body+="{\"name\":\"s$one\",\"origin\":\"$one\",\"cow\":\"/tmp/cow-$one\"},"; done
  api POST /cuts "${body%,}]}" >/tmp/manifest || fail "no cut"
}
stamp() { dd if="/dev/ublk-dm/s$1" bs=512 count=1 iflag=direct status=none | tr -d ' \0'; }
uncut() {
  local one
  for one in a b; do remove "s$one" && rm "/tmp/cow-$one"; done
}

cuts=$((${UBLK_DM_ROUNDS:-1} * 40))
[ "$cuts" -gt 40 ] || cuts=10
between=0
for ((i = 0; i < cuts; i++)); do
  cut a b
  first=$(stamp a) second=$(stamp b)
  [ $((first - second)) = 0 ] || [ $((first - second)) = 1 ] || fail "cut $i: a has $first and b $second"
  [ "$first" = "$second" ] || between=$((between + 1))
  uncut
done
echo -- "$cuts cuts under load, $between of them between the writer's two writes; the last one held for $(jq .heldMs /tmp/manifest) ms"

# One after the other it is not one instant, and the check says so, in either order: the second cut waits until the writer is three
# numbers further.
is_past() { local now && read -r now </tmp/stamp && [ "$now" -ge "$1" ]; }
wrong() {
  cut "$1"
  first=$(stamp "$1")
  wait_until 60 is_past $((first + 3))
  cut "$2"
  first=$(stamp a) second=$(stamp b)
  uncut
  [ $((first - second)) != 0 ] && [ $((first - second)) != 1 ]
}
wrong a b || fail "a cut before b is not noticed"
wrong b a || fail "b cut before a is not noticed"
kill -0 "$load" || fail "fio ended by itself: $(cat /tmp/fio.out)"
kill "$writer" "$load"
wait "$writer" "$load" || true

# Frozen file systems need no replay: what was written is in the snapshot, without a sync.
check mkfs.ext4 -q -F /dev/ublk-dm/a
check mkfs.ext4 -q -F /dev/ublk-dm/b
mkdir -p /mnt/a /mnt/b
check mount /dev/ublk-dm/a /mnt/a
check mount /dev/ublk-dm/b /mnt/b
echo "in memory only" >/mnt/a/file
check ublk-dm snapshot create --at-once --freeze sa=a:/tmp/cow-a:chunk=4k sb=b:/tmp/cow-b:store=PO,chunk=64k >/tmp/manifest
[ "$(jq -c '[(.fileSystems | sort[]), .snapshots[].name]' /tmp/manifest)" = '["/mnt/a","/mnt/b","sa","sb"]' ] || fail "manifest: $(cat /tmp/manifest)"
check cmp /tmp/manifest "$(jq -r .kept /tmp/manifest)"
[ "$(api GET /devices/sb/table | jq -r '.[0].params')" = "1:1 /tmp/cow-b PO 128" ] || fail "table: $(api GET /devices/sb/table)"
for one in a b; do
  check e2fsck -fn "/dev/ublk-dm/s$one"
  dumpe2fs -h "/dev/ublk-dm/s$one" 2>/dev/null | grep -q needs_recovery && fail "s$one needs recovery"
done
mkdir -p /mnt/sa
check mount -o ro,noload /dev/ublk-dm/sa /mnt/sa
[ "$(cat /mnt/sa/file)" = "in memory only" ] || fail "the file is not in the snapshot"
check umount /mnt/sa
timeout 10 sh -c 'echo thawed >/mnt/a/file2; sync' || fail "the file system is still frozen"
uncut

# A command at the instant: it has the manifest, and everything stands still.
mkdir -p /sys/fs/cgroup/stopped
sh -c 'echo $$ >/sys/fs/cgroup/stopped/cgroup.procs; n=0; while :; do n=$((n + 1)); echo $n >/tmp/count; done' &
counter=$!
wait_until 10 test -s /tmp/count
check ublk-dm snapshot create sa=a:/tmp/cow-a --freeze --freeze-cgroup /sys/fs/cgroup/stopped --limit 60s \
  --exec 'printf "%s" "$UBLK_DM_MANIFEST" >/tmp/seen; cat /tmp/count >/tmp/count1; sleep 1; cat /tmp/count >/tmp/count2' >/tmp/manifest
check cmp /tmp/count1 /tmp/count2
[ "$(jq -r .id /tmp/seen)" = "$(jq -r .id /tmp/manifest)" ] || fail "the command saw another manifest: $(cat /tmp/seen)"
wait_until 10 sh -c '[ "$(cat /tmp/count)" != "$(cat /tmp/count2)" ]'
remove sa && rm /tmp/cow-a

# refused MESSAGE ARGUMENT...: with that message, and nothing is left.
before=$(names)
as=""
in_group() { sh -c 'echo $$ >/sys/fs/cgroup/mine/cgroup.procs; exec "$@"' sh "$@"; }
refused() {
  local message=$1
  shift
  rm -f /tmp/cow-*
  ! $as ublk-dm snapshot create "$@" >/tmp/out 2>/tmp/err || fail "taken: $*"
  grep -q "$message" /tmp/err || fail "$*: $(cat /tmp/err)"
  [ "$(grep -vc "^note: " /tmp/err)" = 1 ] || fail "$*: more than one line: $(cat /tmp/err)"
  [ "$(names)" = "$before" ] || fail "$*: left $(names)"
  ! ls /tmp/cow-* 2>/dev/null || fail "$*: left a store"
  [ "$(cat /sys/fs/cgroup/stopped/cgroup.freeze)" = 0 ] || fail "$*: left the group frozen"
  timeout 10 sh -c 'echo again >/mnt/a/file3; echo again >/mnt/b/file3; sync' || fail "$*: left a file system frozen"
}
refused 'ended with status 7' sa=a:/tmp/cow-a --exec 'exit 7'
refused 'is not held' sa=a:/tmp/cow-a --freeze --limit 20s --exec 'sleep 25'
refused 'is no device of ublk-dm' sa=a:/tmp/cow-a sx=/dev/scratch0:/tmp/cow-x
refused 'no store' sa=a:/tmp/cow-a sb=b:/tmp/cow-b:store=Q
mkdir -p /sys/fs/cgroup/mine
as=in_group
refused 'the caller' sa=a:/tmp/cow-a --freeze-cgroup /sys/fs/cgroup/mine
as=""
refused 'no cgroup' sa=a:/tmp/cow-a --freeze-cgroup /tmp
create plain 'linear /dev/scratch0 0'
before=$(names)
refused 'is no origin' sa=a:/tmp/cow-a sp=plain:/tmp/cow-p
[ "$(cat /sys/fs/cgroup/ublk-dm.daemon/cgroup.procs 2>/dev/null)" = "" ] || refused 'ublk-dmd itself' sa=a:/tmp/cow-a --freeze-cgroup /sys/fs/cgroup/ublk-dm.daemon

# A process that waits for I/O that is held does not hang a cut, and one that is killed while it holds is thawed.
suspend plain
sh -c 'echo $$ >/sys/fs/cgroup/stopped/cgroup.procs; exec dd if=/dev/ublk-dm/plain of=/dev/null bs=512 count=1 iflag=direct status=none' &
waiting=$!
wait_until 10 grep -q '(dd) D' "/proc/$waiting/stat"
check ublk-dm snapshot create sa=a:/tmp/cow-a --freeze-cgroup /sys/fs/cgroup/stopped >/tmp/manifest
remove sa && rm /tmp/cow-a
resume plain
wait "$waiting" || fail "the read that was held ended with status $?"
kill "$counter"
check umount /mnt/a
check umount /mnt/b
for one in plain a b; do remove "$one"; done

pass
