# timeout: 300
# kernels: 6.12
scenario "a cut freezes what stands on its origins, whatever lies over a mount point, in any namespace and through loop devices, or says what it left out"

check modprobe loop
daemon
odd=$'/mnt/a b\tc\\d'
mkdir -p "$odd" /mnt/c /mnt/l /mnt/s /mnt/t
check mkfs.ext4 -q -F /dev/scratch0
check mkfs.ext4 -q -F /dev/scratch1
create o 'snapshot-origin /dev/scratch0'

# cut [OPTION]...: of o, with the manifest in /tmp/manifest. refused MESSAGE: one line, and nothing is left.
cut() { ublk-dm snapshot create --limit 100s "$@" s=o:mem:20M >/tmp/manifest 2>/tmp/err || fail "$(cat /tmp/err)"; }
refused() {
  ! ublk-dm snapshot create --limit 100s --freeze s=o:mem:20M >/tmp/out 2>/tmp/err || fail "taken: $(cat /tmp/out)"
  grep -q "^error: .*$1" /tmp/err || fail "not '$1': $(cat /tmp/err)"
  equal "errors" 1 "$(grep -vc "^note: " /tmp/err)"
  equal "devices" o "$(api GET /devices | jq --raw-output '.[].name')"
}
manifest() { jq --compact-output "$1" /tmp/manifest; }
write() { check dd if=/dev/urandom of="$1" bs=1M count=2 status=none; }

# The first mount point lies under another file system; a second one does not. What was in memory is in the snapshot.
check mount /dev/ublk-dm/o "$odd"
write "$odd/f"
check mount --bind --make-private "$odd" /mnt/c
check mount /dev/scratch1 "$odd"
cut --freeze
[ "$(manifest '.fileSystems | length')" = 1 ] || fail "$(cat /tmp/manifest)"
check mount -o ro,noload /dev/ublk-dm/s /mnt/s
check cmp /mnt/c/f /mnt/s/f
check umount /mnt/s
remove s
timeout 10 sh -c 'echo thawed >"$1/g"; echo thawed >/mnt/c/g; sync' sh "$odd" || fail "a file system is still frozen"

# Without the second one it cannot be frozen, and that is said.
check umount /mnt/c
refused 'lies under another mount'
cut --freeze=best-effort
grep -q "^warning: not frozen: /mnt/a b" /tmp/err || fail "no warning: $(cat /tmp/err)"
[ "$(manifest '[.fileSystems, (.notFrozen | length)]')" = '[[],1]' ] || fail "$(cat /tmp/manifest)"
remove s
check umount "$odd"
check umount "$odd"

# Mounted in another namespace alone.
unshare --mount --propagation private bash -c \
  'mount /dev/ublk-dm/o /mnt/c && dd if=/dev/urandom of=/mnt/c/h bs=1M count=2 status=none && touch /tmp/written && exec sleep 1000' &
user=$!
wait_until 60 test -e /tmp/written
cut --freeze
[ "$(manifest '.fileSystems | length')" = 1 ] || fail "$(cat /tmp/manifest)"
check mount -o ro,noload /dev/ublk-dm/s /mnt/s
check cmp "/proc/$user/root/mnt/c/h" /mnt/s/h
check umount /mnt/s
remove s
kill "$user"
wait "$user" || true

# A file system in a file of the file system, and one on a loop device on the origin itself is the same. The upper one freezes first.
check mount /dev/ublk-dm/o /mnt/c
check truncate --size 64M /mnt/c/image
loop=$(check losetup --find --show /mnt/c/image)
check mkfs.ext4 -q "$loop"
check mount "$loop" /mnt/l
write /mnt/l/f
cut --freeze
equal "file systems" '["/mnt/l","/mnt/c"]' "$(manifest .fileSystems)"
check mount -o ro,noload /dev/ublk-dm/s /mnt/s
check mount -o ro,noload,loop /mnt/s/image /mnt/t
check cmp /mnt/l/f /mnt/t/f
check umount /mnt/t /mnt/s
remove s
check umount /mnt/l
check losetup --detach "$loop"
check umount /mnt/c

# Swap, and somebody who has the device for himself.
check mkswap /dev/ublk-dm/o >/dev/null
check swapon /dev/ublk-dm/o
refused 'in use as swap'
check swapoff /dev/ublk-dm/o
sleep 1000 | /opt/ublk-dm/ublk-dm hold-exclusive /dev/ublkb0 >/tmp/held &
wait_until 10 test -s /tmp/held
refused 'in use by a program'
pkill -x sleep
remove o
pass
