scenario "the daemon can be killed whatever mount namespace it was started in: it holds no mount of a device of its own, and keeps none busy"


# started_in PROPAGATION: a daemon that was started in a namespace which nobody else is in any more, with a device of it mounted there
# until the end.
started_in() {
  stop_daemon
  check mkfs.ext4 -q -F /dev/scratch0
  check unshare --mount --propagation "$1" bash -c \
    'ublk-dm create n --table "linear /dev/scratch0 0" && mount /dev/ublk-dm/n /mnt && echo hello >/mnt/x && sync'
  pid=$(pgrep -x ublk-dmd)
}

# killed: the daemon goes at once, and the next one starts and clears its devices away.
killed() {
  kill -KILL "$pid"
  wait_until 10 daemon_gone
  check timeout 100 ublk-dm create next --table "0 8 zero"
  remove next
  ! compgen -G '/dev/ublkc*' || fail "left: $(echo /dev/ublkc*)"
}

mkdir -p /mnt/a /mnt/b
for propagation in private slave shared; do
  started_in "$propagation"
  [ -z "$(cat "/proc/$pid/mountinfo")" ] || fail "$propagation: the daemon has mounts: $(cat "/proc/$pid/mountinfo")"
  equal "root" "$(stat --format %d:%i /)" "$(stat --format %d:%i "/proc/$pid/root/")"
  killed
  umount -l /mnt 2>/dev/null || true # shared: it is mounted here too
done

# The one process in a namespace where its own device is mounted is what it must never be: here a stopped one keeps the namespace until
# after the daemon.
check mkfs.ext4 -q -F /dev/scratch0
stop_daemon
unshare --mount --propagation private bash -c \
  'ublk-dm create n --table "linear /dev/scratch0 0" && mount /dev/ublk-dm/n /mnt && echo hello >/mnt/x && touch /tmp/mounted && exec sleep 1000' &
user=$!
wait_until 60 test -e /tmp/mounted
pid=$(pgrep -x ublk-dmd)
kill -KILL "$pid"
wait_until 10 daemon_gone
kill "$user"
wait "$user" || true
check timeout 100 ublk-dm create next --table "0 8 zero"
remove next

# It keeps nothing busy: neither what was mounted when it started, nor a device of its own that was mounted, and bound, and unmounted since.
stop_daemon
check mkfs.ext4 -q -F /dev/scratch1
check mount /dev/scratch1 /mnt/a
check unshare --mount --propagation private bash -c 'ublk-dm create n --table "linear /dev/scratch0 0"'
check umount /mnt/a
check_exclusive() { check dd if="$1" of=/dev/null bs=4k count=1 oflag=excl status=none && check wipefs --all "$1" >/dev/null; }
check_exclusive /dev/scratch1
check mkfs.ext4 -q -F /dev/ublk-dm/n
check mount /dev/ublk-dm/n /mnt/a
check mount --bind /mnt/a /mnt/b
check_fails any ublk-dm remove n
check umount /mnt/a
check_fails any ublk-dm remove n
check umount /mnt/b
check ublk-dm remove n

# And it sees what is mounted later.
check mkfs.ext4 -q -F /dev/scratch1
check mount /dev/scratch1 /mnt/a
check ublk-dm create s --table "snapshot /dev/scratch0 /mnt/a/cow" --cow-size 8m
check test -s /mnt/a/cow
check_fails any umount /mnt/a
check ublk-dm remove s
check umount /mnt/a
pass
