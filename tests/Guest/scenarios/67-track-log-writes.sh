# timeout: 600
# kernels: 7.2
scenario "a tracked device and its metadata on one disk under the kernel's dm-log-writes, with extents that come and go and checkpoints, twice with a planted bug; TrackCrashTests rebuild what a power failure could leave"

# What the tests get, in a folder for each run: the disk before (base), the log, the journal of what was written, and its layout (sectors of
# the device, of the metadata). A mark "cN" in the log says that checkpoint N was told by then.
out=/out/67-track-log-writes
[ -e /plug-ins/Ublk.Guest.Faults.dll ] || fail "no plug-in with planted bugs; build it: dotnet build tests/Ublk.Guest.Faults --configuration Release"
check modprobe dm-log-writes
check modprobe loop
ram_disks 1 16
stop_daemon
mkdir -p /usr/lib/ublk-dm/targets
cp /plug-ins/*.dll /usr/lib/ublk-dm/targets/
chmod -R u=rwX,go=rX /usr/lib/ublk-dm
daemon
seed=${UBLK_DM_SEED:-$RANDOM}
echo "UBLK_DM_SEED=$seed"
RANDOM=$seed
data=8192   # 4 MiB, 128 extents of 32 KiB
meta=1024
all=$((data + meta))

checkpoint() {
  local told
  told=$(api POST /devices/t/message '{"words": ["checkpoint"]}' | jq --raw-output .reply)
  check dmsetup message logged 0 mark "c$told"
}

# run NAME TARGET TURNS
run() {
  local folder=$out/$1 used loop writer turn
  mkdir -p "$folder"
  : >"$folder/journal"
  check stamps fill /dev/ram0 /tmp/state "$data"
  check dd if=/dev/zero of=/dev/ram0 bs=512 seek="$data" count="$meta" oflag=direct conv=notrunc status=none
  check dd if=/dev/ram0 of="$folder/base" bs=512 count="$all" iflag=direct,fullblock status=none
  kernel_dm logged "0 $all log-writes /dev/ram0 /dev/scratch1"
  kernel_dm data "0 $data linear /dev/mapper/logged 0"
  kernel_dm meta "0 $meta linear /dev/mapper/logged $data"
  # Without FUA, as in scenario 54.
  loop=$(check losetup --find --show --direct-io=on /dev/mapper/meta)
  create t "0 $data $2 /dev/mapper/data 0 8 $loop"
  checkpoint
  check dmsetup message logged 0 mark begun
  for ((turn = 0; turn < $3 * ${UBLK_DM_ROUNDS:-1}; turn++)); do
    check stamps write /tmp/journal 25 "$RANDOM" $((2 + $(grep -c ^w "$folder/journal" || true))) 4 24 15 logged /dev/ublk-dm/t >/dev/null &
    writer=$!
    sleep "0.$((RANDOM % 10))"
    checkpoint
    wait "$writer"
    cat /tmp/journal >>"$folder/journal"
    checkpoint
    # Idle extents leave after ten seconds; here nobody waits so long, others push them out.
  done
  echo "$1: $(info_line t)"
  remove t
  check losetup --detach "$loop"
  for used in meta data; do kernel_dm_remove "$used"; done
  check sync --data /dev/mapper/logged
  used=$(dmsetup status logged)
  [[ $used != *disabled* ]] || fail "the log is full: $used"
  kernel_dm_remove logged
  check dd if=/dev/scratch1 of="$folder/log" bs=64k count=$(((${used##* } + 8192) / 128)) iflag=direct,fullblock status=none
  echo "$data $meta" >"$folder/layout"
}

run small track-small 4
run write-before-commit track-write-before-commit 2
run leave-before-marks track-leave-before-marks 2
du -sh "$out"/*

stop_daemon
rm -rf /usr/lib/ublk-dm/targets
pass
