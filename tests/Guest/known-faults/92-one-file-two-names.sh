# kernels: 7.2
# Reported: apptainer/singularity#4048 "Overlay image corruption with multiple writable instances on same SIF" (two loop devices, one image), util-linux/util-linux#915
# and axboe/fio#1820 (a device that is in use in a way that O_EXCL does not tell). A correct product sees that two names are one place: it does
# not format a store over its own origin, nor use a loop device whose file a device of its own has.
scenario "one file under two names: a hard link, a loop device over a file that is in use, two loop devices over one file"

daemon
check modprobe loop
truncate -s 8M /tmp/img
check ln /tmp/img /tmp/link
faults=()
# must_not WHAT NAME TABLE: a device that is made goes again.
must_not() {
  local said
  if said=$(create "$2" "$3" 2>&1); then
    faults+=("$1")
    remove "$2"
  else
    echo "$1: $said"
  fi
}
must_not "origin and store are one file by a hard link" s "snapshot /tmp/img /tmp/link P 8"
must_not "device and log are one file by a hard link" l "log-writes /tmp/img /tmp/link"

create a "linear /tmp/img 0"
if loop=$(losetup --find --show /tmp/img 2>/tmp/err); then
  must_not "a loop device over a file that device a has" b "linear $loop 0"
  check losetup --detach "$loop"
fi
remove a

one=$(check losetup --find --show /tmp/img)
two=$(check losetup --find --show /tmp/img)
must_not "legs on two loop devices over one file" m "mirror core 2 1024 nosync 2 $one 0 $two 0"
must_not "origin and store on two loop devices over one file" s "snapshot $one $two P 8"
check losetup --detach "$one"
check losetup --detach "$two"
cmp --bytes 8388608 /tmp/img /dev/zero || faults+=("the origin was written over")
[ ${#faults[@]} = 0 ] || fail "$(printf '%s; ' "${faults[@]}")"
pass
