# timeout: 1200
# kernels: 7.2
scenario "fio verify on a mirror of ours sees no error while legs fail, come and go, and are replaced, with a log in memory and on disk; and mirrors, snapshots and stripes stand on one another"

daemon
length=65536   # 32 MiB
regions=$((length / 1024))
create leg0 "0 $length linear /dev/scratch0 0"
create leg1 "0 $length linear /dev/scratch1 0"
create log "0 2048 linear /dev/scratch2 0"

turn() { load "$1" "0 $length $2"; resume "$1"; }
well() { turn "leg$1" "linear /dev/scratch$1 0"; }
suspend_noflush() { api POST /devices/m/suspend '{"noFlush":true}' >/dev/null; }
in_sync() { [[ $(info_line m) = *" $regions/$regions 1 "* ]]; }
alike() { check cmp -n $((length * 512)) "$1" "$2"; }
held() { [ "$(field m "held writes")" -gt 0 ]; }
# mirror LOG LEG1 [FEATURES]: what is not in sync is copied. (With a word a log on disk begins anew at each resume.)
mirror() { echo "0 $length mirror $([ "$1" = core ] && echo core 1 1024 || echo disk 2 /dev/ublk-dm/log 1024) 2 /dev/ublk-dm/leg0 0 $2 0 ${3-}"; }

# goes_on LOG LEG LINE [FEATURES]: fio verify goes on while the leg is LINE, with keep_log. Then it is repaired and brought up to date, from
# the other one, also when it is the first.
goes_on() {
  local log=$1 leg=$2 load_of letters content
  echo "-- $log: leg $leg is $3"
  create m "$(mirror "$log" /dev/ublk-dm/leg1 "${4:-$kept}")"
  wait_until 120 in_sync
  verify /dev/ublk-dm/m --time_based --runtime=8 &
  load_of=$!
  sleep 2
  turn "leg$leg" "$3"
  wait "$load_of"
  info_line m
  letters=$(info_line m | cut -d' ' -f6)
  [[ ${letters:leg:1} != A && ${letters:1 - leg:1} = A ]] || fail "leg $leg was $3, and the letters are $letters"
  content=$(digest /dev/ublk-dm/m)
  well "$leg"
  suspend m
  resume m
  wait_until 120 in_sync
  remove m
  equal "leg 0" "$content" "$(digest /dev/ublk-dm/leg0)"
  equal "leg 1" "$content" "$(digest /dev/ublk-dm/leg1)"
}
kept="2 handle_errors keep_log"
balanced="4 handle_errors keep_log read_balance round-robin"
goes_on core 1 error "$balanced"
goes_on disk 1 error
goes_on core 0 "flakey /dev/scratch0 0 1 2"
goes_on disk 1 "flakey /dev/scratch1 0 1 2 1 error_writes" "$balanced"
goes_on disk 0 "flakey /dev/scratch0 0 1 1 1 error_reads"
goes_on disk 0 "flakey /dev/scratch0 0 1 1 1 error_writes"

# With handle_errors writes wait, and a leg is replaced without an error for anybody.
for log in core disk; do
  echo "-- $log: leg 1 is replaced"
  create m "$(mirror "$log" /dev/ublk-dm/leg1 "1 handle_errors")"
  wait_until 120 in_sync
  verify /dev/ublk-dm/m --time_based --runtime=10 &
  load_of=$!
  sleep 3
  turn leg1 error
  wait_until 20 held
  # The word sync: this log knows of nothing that the new leg lacks.
  check dd if=/dev/urandom of=/dev/scratch3 bs=1M count=$((length / 2048)) oflag=direct status=none
  table=$(mirror "$log" /dev/scratch3 "1 handle_errors")
  load m "$(if [ "$log" = core ]; then echo "$table"; else sed 's/ disk 2 \(.*\) 1024 2 / disk 3 \1 1024 sync 2 /' <<<"$table"; fi)"
  suspend_noflush
  resume m
  wait "$load_of"
  wait_until 120 in_sync
  if [ "$log" = disk ]; then
    # From now on without the word, and nothing is copied again.
    load m "$table"
    resume m
    wait_until 20 in_sync
  fi
  remove m
  alike /dev/scratch0 /dev/scratch3
  well 1
done
check blkdiscard --force --zeroout --length 1M /dev/scratch3
remove log

# A snapshot on a mirror with a core log, and a mirror one of whose legs is striped.
create wide "0 $length striped 2 64 /dev/scratch1 0 /dev/scratch2 131072"
create m "$(mirror core /dev/ublk-dm/wide)"
create users "0 $length snapshot-origin /dev/ublk-dm/m"
create snap "0 $length snapshot /dev/ublk-dm/m /dev/scratch3 P 16"
verify /dev/ublk-dm/snap
check mkfs.ext4 -q -F /dev/ublk-dm/users
mkdir -p /tmp/mnt
check mount /dev/ublk-dm/users /tmp/mnt
head -c 8M /dev/urandom >/tmp/mnt/file
check umount /tmp/mnt
check e2fsck -fn /dev/ublk-dm/users
remove snap
remove users
wait_until 120 in_sync
content=$(digest /dev/ublk-dm/m)
remove m
equal "the striped leg" "$content" "$(digest /dev/ublk-dm/wide)"
remove wide

# ext4 on a snapshot of a mirror: what is written there is nobody else's.
check blkdiscard --force --zeroout --length 1M /dev/scratch3
create m "$(mirror core /dev/ublk-dm/leg1)"
check mkfs.ext4 -q -F /dev/ublk-dm/m
check mount /dev/ublk-dm/m /tmp/mnt
head -c 4M /dev/urandom >/tmp/mnt/before
before=$(digest /tmp/mnt/before)
check umount /tmp/mnt
create users "0 $length snapshot-origin /dev/ublk-dm/m"
create snap "0 $length snapshot /dev/ublk-dm/m /dev/scratch3 P 16"
content=$(digest /dev/ublk-dm/m)
check mount /dev/ublk-dm/snap /tmp/mnt
equal "a file of the origin" "$before" "$(digest /tmp/mnt/before)"
head -c 6M /dev/urandom | tee /tmp/mnt/after >/tmp/after
rm /tmp/mnt/before
check umount /tmp/mnt
check e2fsck -fn /dev/ublk-dm/snap
check mount -o ro /dev/ublk-dm/snap /tmp/mnt
check cmp /tmp/after /tmp/mnt/after
[ ! -e /tmp/mnt/before ] || fail "the snapshot still has a file that was removed"
check umount /tmp/mnt
equal "the mirror below the snapshot" "$content" "$(digest /dev/ublk-dm/m)"
check e2fsck -fn /dev/ublk-dm/users
remove snap
remove users
wait_until 120 in_sync
remove m
alike /dev/scratch0 /dev/scratch1

# A mirror one of whose legs is a snapshot.
check blkdiscard --force --zeroout --length 1M /dev/scratch3
create base "0 $length linear /dev/scratch2 0"
create other "0 $length snapshot /dev/ublk-dm/base /dev/scratch3 P 16"
below=$(digest /dev/ublk-dm/base)
create m "$(mirror core /dev/ublk-dm/other)"
verify /dev/ublk-dm/m
wait_until 120 in_sync
content=$(digest /dev/ublk-dm/m)
remove m
equal "the leg that is no snapshot" "$content" "$(digest /dev/ublk-dm/leg0)"
equal "the leg that is a snapshot" "$content" "$(digest /dev/ublk-dm/other)"
equal "the base of that snapshot" "$below" "$(digest /dev/ublk-dm/base)"
info_line other
pass
