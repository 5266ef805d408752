# kernels: 7.2
# Reported: containers/fuse-overlayfs#277, longhorn/longhorn-engine#1083 (which file system to freeze, seen from a container), and Azure/WALinuxAgent#525
# (volumes that the freeze misses). A disk image in a container's overlay, mounted through a loop device, stands on the origin too. A correct product
# freezes it, or refuses, or says in the manifest that it was left out; it never keeps silent.
scenario "a cut with --freeze: the file system in an image on an overlay on the origin is frozen, or it is said that it was not"

daemon
check modprobe -a loop overlay
create o "snapshot-origin /dev/scratch0"
check mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 /dev/ublk-dm/o 128M
mkdir -p /mnt/o /mnt/all /mnt/l /mnt/s /mnt/t
check mount /dev/ublk-dm/o /mnt/o
mkdir -p /mnt/o/lower /mnt/o/upper /mnt/o/work
check mount -t overlay overlay -o lowerdir=/mnt/o/lower,upperdir=/mnt/o/upper,workdir=/mnt/o/work /mnt/all
check truncate --size 32M /mnt/all/image
loop=$(check losetup --find --show /mnt/all/image)
check mkfs.ext4 -q "$loop"
check mount "$loop" /mnt/l
sync
check dd if=/dev/urandom of=/mnt/l/f bs=1M count=2 status=none   # in memory only

status=0
ublk-dm snapshot create --freeze --limit 60s s=o:mem:40M >/tmp/manifest 2>/tmp/err || status=$?
cat /tmp/manifest /tmp/err
missed=""
if [ "$status" = 0 ] && [ "$(jq '.notFrozen | length' /tmp/manifest)" = 0 ]; then
  check mount -o ro,noload /dev/ublk-dm/s /mnt/s
  mount -o ro,noload,loop /mnt/s/upper/image /mnt/t && cmp /mnt/l/f /mnt/t/f || missed="yes"
  umount /mnt/t || true
  check umount /mnt/s
fi
[ "$status" != 0 ] || remove s
timeout 10 sh -c 'echo thawed >/mnt/l/g; echo thawed >/mnt/o/g; sync' || fail "a file system is still frozen"
check umount /mnt/l
check losetup --detach "$loop"
check umount /mnt/all
check umount /mnt/o
remove o
[ -z "$missed" ] || fail "frozen were $(jq -c .fileSystems /tmp/manifest) alone, nothing was said to be left out, and what the file system on $loop held in memory is not in the snapshot"
pass
