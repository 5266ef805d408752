# timeout: 600
# kernels: 7.2
scenario "an origin and its COW store on one disk under the kernel's dm-log-writes, written through ours, once with a planted bug; SnapshotCrashTests rebuild what a power failure could leave"

# What the tests get, in a folder for each run: the disk before (base), the log, the journal of what was written, and its layout (sectors of origin, COW, chunk).
out=/out/48-snapshot-log-writes
[ -e /plug-ins/Ublk.Guest.Faults.dll ] || fail "no plug-in with planted bugs; build it: dotnet build tests/Ublk.Guest.Faults --configuration Release"
check modprobe dm-log-writes
stop_daemon
mkdir -p /usr/lib/ublk-dm/targets
cp /plug-ins/*.dll /usr/lib/ublk-dm/targets/
chmod -R u=rwX,go=rX /usr/lib/ublk-dm
daemon
seed=${UBLK_DM_SEED:-$RANDOM}
writes=$((60 * ${UBLK_DM_ROUNDS:-1}))   # of each of 4 threads on each device
echo "UBLK_DM_SEED=$seed"

# run NAME SNAPSHOT-TARGET ORIGIN-TARGET CHUNK MIB MOST-SECTORS: one disk and one log, so that there is one order of all writes.
run() {
  local folder=$out/$1 chunk=$4 origin=$(($5 * 2048)) cow=$(($5 * 5120)) used
  mkdir -p "$folder"
  check stamps fill /dev/scratch0 /tmp/state "$origin"
  # What was there before looks like entries: an area that is read but was not zeroed tells.
  check stamps stale /dev/scratch0 "$origin" "$cow" $((origin / chunk))
  check dd if=/dev/zero of=/dev/scratch0 bs=512 seek="$origin" count=1 oflag=direct conv=notrunc status=none
  check dd if=/dev/scratch0 of="$folder/base" bs=512 count=$((origin + cow)) iflag=direct,fullblock status=none
  kernel_dm logged "0 $((origin + cow)) log-writes /dev/scratch0 /dev/scratch1"
  kernel_dm origin "0 $origin linear /dev/mapper/logged 0"
  kernel_dm cow "0 $cow linear /dev/mapper/logged $origin"
  api POST /devices "$(jq -nc --arg table "0 $origin $2 /dev/mapper/origin /dev/mapper/cow P $chunk" '{name: "snap", table: $table, force: true}')" >/dev/null
  create users "0 $origin $3 /dev/mapper/origin"
  check dmsetup message logged 0 mark created
  # Syncs of the origin are few: they would flush the store's writes too and hide a flush that is missing.
  stamps write "$folder/journal" "$writes" "$seed" 2 4 "$6" 8 logged /dev/ublk-dm/snap /dev/ublk-dm/users
  echo "$1: $(info_line snap)"
  remove users
  remove snap
  kernel_dm_remove cow
  kernel_dm_remove origin
  check sync --data /dev/mapper/logged
  used=$(dmsetup status logged)
  [[ $used != *disabled* ]] || fail "the log is full: $used"
  kernel_dm_remove logged
  # The last number is the last sector that the log had then; its thread may have written a little more since.
  check dd if=/dev/scratch1 of="$folder/log" bs=64k count=$(((${used##* } + 8192) / 128)) iflag=direct,fullblock status=none
  echo "$origin $cow $chunk" >"$folder/layout"
}
run chunk-1 snapshot snapshot-origin 1 1 12
run chunk-8 snapshot snapshot-origin 8 4 24
run chunk-64 snapshot snapshot-origin 64 8 100
run without-flush snapshot-without-flush origin-without-flush 8 4 24
du -sh "$out"/*

stop_daemon
rm -rf /usr/lib/ublk-dm/targets
pass
