# timeout: 300
# kernels: 6.12
scenario "the daemon can be killed whatever mount namespace it was started in: it holds no mount of a device of its own, and keeps none busy"

# starts COMMAND: a namespace in which it starts the daemon, and mounts its device n.
starts() {
  stop_daemon
  check mkfs.ext4 -q -F /dev/scratch0
  rm -f /tmp/mounted
  unshare --mount --propagation private bash -c \
    'ublk-dm create n --table "linear /dev/scratch0 0" && mount /dev/ublk-dm/n /mnt && echo hello >/mnt/x && sync && touch /tmp/mounted && '"$1"
}
empty_namespace() {
  pid=$(pgrep -x ublk-dmd)
  [ -z "$(cat "/proc/$pid/mountinfo")" ] || fail "the daemon has mounts: $(cat "/proc/$pid/mountinfo")"
  equal "root" "$(stat --format %d:%i /)" "$(stat --format %d:%i "/proc/$pid/root/")"
}
# The new one may have another number, when the dead one was still going.
one_device() { [ "$(find /dev -name 'ublkc*' | wc -l)" = 1 ]; }
exclusive() { check blkdiscard --zeroout --length 1M "$1"; }

# Nobody but the daemon is left where its device is mounted; killed, it goes at once.
starts true >/dev/null
pid=$(pgrep -x ublk-dmd)
kill -KILL "$pid"
wait_until 20 daemon_gone
[ ! -e "/proc/$pid" ] || fail "a zombie is left"

# The next one starts, and clears away what was left. It takes nothing away from the namespace that it was started in, though all mounts
# there tell one another.
check mkfs.ext4 -q -F /dev/scratch1
check mount /dev/scratch1 /mnt/a --mkdir
mkdir -p /mnt/b
check mount --make-rshared /
check timeout 100 ublk-dm create n --table "linear /dev/scratch0 0"
empty_namespace
for folder in /mnt/a /dev /tmp; do check findmnt --mountpoint "$folder" >/dev/null; done
check mount --make-rprivate /
wait_until 30 one_device

# It keeps nothing busy: neither what was mounted when it started, nor its own device that is mounted, and bound, and unmounted.
check umount /mnt/a
exclusive /dev/scratch1
check mount /dev/ublk-dm/n /mnt/a
check mount --bind /mnt/a /mnt/b
check umount /mnt/a
check_fails any remove n
check umount /mnt/b
remove n

# It sees what is mounted later.
check mkfs.ext4 -q -F /dev/scratch1
check mount /dev/scratch1 /mnt/a
check truncate --size 8M /mnt/a/cow
create s 'snapshot /dev/scratch0 /mnt/a/cow N 8'
check_fails any umount /mnt/a
remove s
check umount /mnt/a

# Somebody else is there, and leaves after the daemon.
rm -f /tmp/mounted # here, since starts runs beside the wait for it
starts 'exec sleep 1000' &
user=$!
wait_until 100 test -e /tmp/mounted
pid=$(pgrep -x ublk-dmd)
kill -KILL "$pid"
wait_until 20 daemon_gone
kill "$user"
wait "$user" || true
check timeout 100 ublk-dm create n --table "0 8 zero"
wait_until 30 one_device
remove n
pass
