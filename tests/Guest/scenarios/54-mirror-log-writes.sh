# timeout: 600
# kernels: 7.2
scenario "the legs and the log of a mirror on one disk under the kernel's dm-log-writes, written with pauses in which regions become clean, twice with a planted bug; MirrorCrashTests rebuild what a power failure could leave"

# What the tests get, in a folder for each run: the disk before (base), the log, the journal of what was written, and its layout (sectors of
# a leg, of the mirror's log, of a region).
out=/out/54-mirror-log-writes
[ -e /plug-ins/Ublk.Guest.Faults.dll ] || fail "no plug-in with planted bugs; build it: dotnet build tests/Ublk.Guest.Faults --configuration Release"
check modprobe dm-log-writes
check modprobe loop
# In memory, where a flush is done at once: two under way at a time, a user's and the mirror's, could be logged in the wrong order.
ram_disks 1 16
stop_daemon
mkdir -p /usr/lib/ublk-dm/targets
cp /plug-ins/*.dll /usr/lib/ublk-dm/targets/
chmod -R u=rwX,go=rX /usr/lib/ublk-dm
daemon
seed=${UBLK_DM_SEED:-$RANDOM}
echo "UBLK_DM_SEED=$seed"
RANDOM=$seed
leg=8192   # 4 MiB
log=64
all=$((2 * leg + log))

# write_some WRITES: by each of 4 threads.
write_some() {
  # Syncs are few: they flush the legs too, and hide a flush that is missing.
  check stamps write /tmp/journal "$1" "$RANDOM" $((2 + $(grep -c ^w "$folder/journal" || true))) 4 24 15 logged /dev/ublk-dm/m >/dev/null
  cat /tmp/journal >>"$folder/journal"
}

in_sync() { [[ $(info_line m) = *" $1/$1 1 AA "* ]]; }

# run NAME TARGET REGION TURNS: one disk and one log, so that there is one order of all writes.
run() {
  local folder=$out/$1 region=$3 legs used loop writer turn
  mkdir -p "$folder"
  : >"$folder/journal"
  check stamps fill /dev/ram0 /tmp/state "$leg"
  check dd if=/dev/urandom of=/dev/ram0 bs=512 seek="$leg" count="$leg" iflag=fullblock oflag=direct conv=notrunc status=none
  check dd if=/dev/zero of=/dev/ram0 bs=512 seek=$((2 * leg)) count="$log" oflag=direct conv=notrunc status=none
  check dd if=/dev/ram0 of="$folder/base" bs=512 count="$all" iflag=direct,fullblock status=none
  kernel_dm logged "0 $all log-writes /dev/ram0 /dev/scratch1"
  kernel_dm leg0 "0 $leg linear /dev/mapper/logged 0"
  kernel_dm leg1 "0 $leg linear /dev/mapper/logged $leg"
  kernel_dm log "0 $log linear /dev/mapper/logged $((2 * leg))"
  # A loop device has no FUA: the kernel writes and flushes. dm-log-writes does not tell whether a FUA write to a sector came before or after
  # another write to it that was flushed later, and the mirror's log is written both ways.
  loop=$(check losetup --find --show --direct-io=on /dev/mapper/log)
  legs="2 /dev/mapper/leg0 0 /dev/mapper/leg1 0"
  create m "0 $leg $2 disk 2 $loop $region $legs"
  check dmsetup message logged 0 mark created
  wait_until 60 in_sync $((leg / region))
  # The first recovery is nearly over when somebody can write; so once more.
  write_some 20 &
  writer=$!
  load m "0 $leg $2 disk 3 $loop $region sync $legs"
  suspend m
  resume m
  wait "$writer"
  wait_until 60 in_sync $((leg / region))
  check dmsetup message logged 0 mark in-sync
  # In each pause all regions become clean.
  for ((turn = 0; turn < $4 * ${UBLK_DM_ROUNDS:-1}; turn++)); do
    sleep 1
    write_some 20
  done
  sleep 1
  echo "$1: $(info_line m)"
  remove m
  check losetup --detach "$loop"
  for used in log leg1 leg0; do kernel_dm_remove "$used"; done
  check sync --data /dev/mapper/logged
  used=$(dmsetup status logged)
  [[ $used != *disabled* ]] || fail "the log is full: $used"
  kernel_dm_remove logged
  # The last number is the last sector that the log had then; its thread may have written a little more since.
  check dd if=/dev/scratch1 of="$folder/log" bs=64k count=$(((${used##* } + 8192) / 128)) iflag=direct,fullblock status=none
  echo "$leg $log $region" >"$folder/layout"
}

run region-8 mirror 8 3
run region-64 mirror 64 3
run write-before-mark mirror-write-before-mark 8 2
run clear-before-flush mirror-clear-before-flush 8 2
du -sh "$out"/*

stop_daemon
rm -rf /usr/lib/ublk-dm/targets
pass
