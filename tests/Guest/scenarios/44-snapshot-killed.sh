# timeout: 900
# kernels: 6.12
scenario "the daemon is killed by SIGKILL while a snapshot and its origin are written, or while it merges: the kernel's dm-snapshot and ours load the store with the same content, nothing acknowledged is lost, and the kernel ends the merge"

check modprobe dm-snapshot
daemon
seed=${UBLK_DM_SEED:-$RANDOM}
rounds=${UBLK_DM_ROUNDS:-1}
echo "UBLK_DM_SEED=$seed"
RANDOM=$seed
length=16384   # 8 MiB
kernel_dm cow "0 $((40 * 2048)) linear /dev/scratch1 0"
id=2

# write COUNT SNAPSHOT [ORIGIN]: in the background, so often by each of four threads; what was acknowledged is in /tmp/journal.
write() {
  : >/tmp/journal
  stamps write /tmp/journal "$1" "$((seed + id))" "$id" 4 80 40 - "${@:2}" >/tmp/written &
}
# written: the writers have ended. Ids go on behind theirs.
written() {
  wait "$!" || fail "stamps: $(cat /tmp/written)"
  id=$(sed -n 's/^next id //p' /tmp/written)
  grep ' writes, ' /tmp/written
}
# acknowledged COUNT: so many writes were.
acknowledged() { [ "$(grep -c ^a /tmp/journal)" -ge "$1" ]; }
# kill_daemon MOST: at a random moment around that of a random acknowledgement up to the MOSTth. The writers must have been cut off.
kill_daemon() {
  local after=$((1 + RANDOM % $1))
  wait_until 180 acknowledged "$after"
  sleep "$(printf '0.%03d' $((RANDOM % 200)))"
  pkill -KILL -x ublk-dmd
  written
  grep -q ' [1-9][0-9]* failed' /tmp/written || fail "nothing was under way when the daemon was killed after $after acknowledgements"
  wait_until 30 daemon_gone
  echo "chunk $chunk: killed after $after acknowledgements and a little"
}
snapshot_holds() { check stamps check "$1" /tmp/snapshot-state /tmp/journal 0; }
origin_holds() { check stamps check /dev/scratch0 /tmp/origin-state /tmp/journal 1; }
used_is_metadata() { local status; status=$(dmsetup status merge); status=${status##*snapshot-merge }; [ "${status%%/*}" = "${status##* }" ]; }

for chunk in 1 8 64; do
  table="0 $length snapshot /dev/scratch0 /dev/mapper/cow P $chunk"
  check blkdiscard --force --zeroout /dev/mapper/cow
  check stamps fill /dev/scratch0 /tmp/origin-state "$length"
  # The snapshot's instant.
  cp /tmp/origin-state /tmp/snapshot-state
  for ((round = 1; round <= rounds; round++)); do
    create snap "$table"
    [ "$round" = 1 ] || equal "the kernel's store in ours, chunk $chunk" "$status $content" "$(info_line snap) $(digest /dev/ublk-dm/snap)"
    create users "0 $length snapshot-origin /dev/scratch0"
    write 1000000 /dev/ublk-dm/snap /dev/ublk-dm/users
    kill_daemon 300

    # The kernel first, so that nothing of ours has mended the store, then ours.
    kernel_dm snap "$table"
    snapshot_holds /dev/mapper/snap
    origin_holds
    content=$(digest /dev/mapper/snap)
    status=$(dmsetup status snap)
    kernel_dm_remove snap
    daemon
    create snap "$table"
    equal "our store in the kernel and in ours, chunk $chunk" "$content" "$(digest /dev/ublk-dm/snap)"
    equal "its status in the kernel and in ours, chunk $chunk" "$status" "0 $length snapshot $(info_line snap)"
    remove snap
    echo "chunk $chunk: ${status##*snapshot }"

    # The kernel goes on with it.
    kernel_dm snap "$table"
    kernel_dm users "0 $length snapshot-origin /dev/scratch0"
    write 50 /dev/mapper/snap /dev/mapper/users
    written
    snapshot_holds /dev/mapper/snap
    origin_holds
    content=$(digest /dev/mapper/snap)
    status=$(dmsetup status snap)
    status=${status##*snapshot }
    kernel_dm_remove users
    kernel_dm_remove snap
  done

  # Its end: a merge that the kernel has to finish.
  merge="0 $length snapshot-merge /dev/scratch0 /dev/mapper/cow P $chunk"
  create merge "$merge"
  write 1000000 /dev/ublk-dm/merge
  kill_daemon 60
  kernel_dm snap "$table"
  echo "chunk $chunk: $status before the merge, $(dmsetup status snap | sed 's/.*snapshot //') when it was killed"
  kernel_dm_remove snap
  kernel_dm merge "$merge"
  snapshot_holds /dev/mapper/merge
  wait_until 120 used_is_metadata
  kernel_dm_remove merge
  snapshot_holds /dev/scratch0
  daemon
done
kernel_dm_remove cow

pass
