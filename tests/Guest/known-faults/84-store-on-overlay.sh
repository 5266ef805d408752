# kernels: 7.2
# Reported: datto/dattobd#10 and #395 (a COW file on the very device that it is a snapshot of: each copy makes another), podman-container-tools/podman#16062
# and trapexit/mergerfs#1319 (a container's overlay hides on what it stands; the writers wait for each other). In a container / is an overlay. A
# correct product refuses such a file like one on the file system itself, before anything is written.
scenario "a COW file, a map or a disk image on an overlay whose upper folder is on the device itself is refused, as on the file system below it"

daemon
check modprobe overlay
create o "snapshot-origin /dev/scratch0"
check mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 /dev/ublk-dm/o 128M
mkdir -p /mnt/o /mnt/all
check mount /dev/ublk-dm/o /mnt/o
mkdir -p /mnt/o/lower /mnt/o/upper /mnt/o/work
check mount -t overlay overlay -o lowerdir=/mnt/o/lower,upperdir=/mnt/o/upper,workdir=/mnt/o/work /mnt/all
taken=()
# is_refused WHERE NAME TABLE: a device that is made nevertheless goes again at once, so that nothing hangs.
is_refused() {
  local said
  sync # no commit of the journal is due while such a store lives
  if said=$(create "$2" "$3" 2>&1); then
    taken+=("$1")
    remove "$2"
  else
    echo "$1: $said"
    [[ $said == *"lives on"* ]] || taken+=("$1 (refused, but not for this: $said)")
  fi
}
is_refused "a store on the file system" s "snapshot /dev/scratch0 /mnt/o/cow P 8"
is_refused "a store on the overlay" s "snapshot /dev/scratch0 /mnt/all/cow P 8"
is_refused "a map on the overlay" t "0 8192 track /dev/scratch1 0 8 /mnt/all/map"
truncate -s 8M /mnt/all/image
is_refused "a disk on the overlay" l "linear /mnt/all/image 0"
rm -f /mnt/all/image /mnt/all/cow /mnt/all/map
check umount /mnt/all
check umount /mnt/o
remove o
[ ${#taken[@]} = 0 ] || fail "taken, though a device of ublk-dm is below: $(printf '%s; ' "${taken[@]}")"
pass
