# timeout: 400
# kernels: 6.12
scenario "a mirror with a disk log goes from the kernel's dm-mirror to ours and back, in order, after a SIGKILL of the daemon, and with a dirty log of the kernel's: what is dirty is copied and nothing else"

check modprobe dm-mirror
daemon
seed=${UBLK_DM_SEED:-$RANDOM}
echo "UBLK_DM_SEED=$seed"
RANDOM=$seed
length=16384   # 8 MiB
id=2

leg() { dd if="/dev/scratch$1" bs=512 skip="$2" count="$3" iflag=direct status=none; }
alike() { cmp -s <(leg 0 "$1" "$2") <(leg 1 "$1" "$2"); }
legs_alike() { alike 0 "$length" || fail "the legs differ $*"; }
# bitmap: the log's bits in hexadecimal; 1 is clean.
bitmap() { dd if=/dev/scratch2 bs=512 skip=2 count=1 iflag=direct status=none | head -c $((regions / 8)) | od -An -v -tx1 | tr -d ' \n'; }
# regions_with BIT: how many there are. first_with BIT: one of them, drawn. Without a process for each of 2048 regions.
regions_with() {
  local byte n=0 i
  for ((i = 0; i < regions / 8; i++)); do
    for ((byte = 16#${bits:i * 2:2}; byte > 0; byte >>= 1)); do n=$((n + (byte & 1))); done
  done
  if [ "$1" = 1 ]; then echo "$n"; else echo $((regions - n)); fi
}
first_with() {
  local r
  for ((r = RANDOM % regions; ((16#${bits:r / 8 * 2:2} >> (r % 8)) & 1) != $1; r = (r + 1) % regions)); do :; done
  echo "$r"
}
status() { if [ "$1" = kernel ]; then dmsetup status m | sed 's/^0 [0-9]* mirror //'; else info_line m; fi; }
in_sync() { [[ $(status "$1") = *" $regions/$regions 1 AA "* ]]; }
open() { if [ "$1" = kernel ]; then kernel_dm m "$table"; else create m "$table"; fi; wait_until 60 in_sync "$1"; }
close() { if [ "$1" = kernel ]; then kernel_dm_remove m; else remove m; fi; }
node() { if [ "$1" = kernel ]; then echo /dev/mapper/m; else echo /dev/ublk-dm/m; fi; }
# write_random WHO COUNT: of at most 4 KiB each.
write_random() {
  : >/tmp/journal
  check stamps write /tmp/journal "$2" "$((seed + id))" "$id" 2 8 20 - "$(node "$1")" >/tmp/written
  id=$(sed -n 's/^next id //p' /tmp/written)
  holds "$1"
}
holds() { check stamps check "$(node "$1")" /tmp/state /tmp/journal 0; }

# Behind everybody's back the second leg gets other bytes in a region that is dirty and in one that is not. Who opens the mirror then has
# to put the dirty one right, and leave the other alone.
opens_dirty() {
  local dirty clean r
  bits=$(bitmap)
  echo "$1 opens a log with $(regions_with 0) of $regions regions dirty"
  dirty=$(first_with 0) clean=$(first_with 1)
  for r in "$dirty" "$clean"; do
    check dd if=/dev/urandom of=/dev/scratch1 bs=512 seek=$((r * region)) count=1 oflag=direct conv=notrunc status=none
  done
  open "$1"
  close "$1"
  alike $((dirty * region)) "$region" || fail "region $dirty was dirty, and $1 did not copy it"
  ! alike $((clean * region)) "$region" || fail "region $clean was clean, and $1 copied it"
  leg 0 $((clean * region)) "$region" | check dd of=/dev/scratch1 bs=512 seek=$((clean * region)) oflag=direct conv=notrunc status=none
  legs_alike "after $1 had opened a dirty log"
}

for region in 8 32; do
  regions=$((length / region))
  table="0 $length mirror disk 2 /dev/scratch2 $region 2 /dev/scratch0 0 /dev/scratch1 0"
  check blkdiscard --force --zeroout --length 1M /dev/scratch2
  check stamps fill /dev/scratch0 /tmp/state "$length"
  check dd if=/dev/urandom of=/dev/scratch1 bs=1M count=8 oflag=direct status=none

  # Made by the kernel, which copies everything; then to and fro.
  open kernel
  theirs=$(status kernel)
  write_random kernel 100
  close kernel
  legs_alike "after the kernel's mirror"
  create m "$table"
  equal "our status of the kernel's mirror, at once" "$theirs" "$(info_line m)"
  holds ours
  write_random ours 100
  close ours
  legs_alike "after ours"
  equal "the log after ours" "7252694d02000000" "$(head -c 8 <(leg 2 0 1) | od -An -tx1 | tr -d " \n")"
  bits=$(bitmap)
  equal "regions that are dirty after ours ended in order" 0 "$(regions_with 0)"
  open kernel
  equal "the kernel's status of ours" "$theirs" "$(status kernel)"
  holds kernel
  close kernel

  # Killed while it is written. The kernel recovers, then ours.
  for who in kernel ours; do
    create m "$table"
    : >/tmp/journal
    stamps write /tmp/journal 1000000 "$((seed + id))" "$id" 2 8 20 - /dev/ublk-dm/m >/tmp/written &
    writer=$!
    after=$((1 + RANDOM % 60))
    wait_until 60 sh -c "[ \$(grep -c ^a /tmp/journal) -ge $after ]"
    pkill -KILL -x ublk-dmd
    wait "$writer" || fail "stamps: $(cat /tmp/written)"
    id=$(sed -n 's/^next id //p' /tmp/written)
    wait_until 20 sh -c '! pgrep -x ublk-dmd'
    daemon
    opens_dirty "$who"
    open "$who"
    holds "$who"
    close "$who"
  done

  # A log that the kernel left dirty: as it was while it was being written.
  open kernel
  : >/tmp/journal
  stamps write /tmp/journal 3000 "$((seed + id))" "$id" 2 8 20 - /dev/mapper/m >/tmp/written &
  writer=$!
  wait_until 60 sh -c '[ $(grep -c ^a /tmp/journal) -ge 20 ]'
  for ((try = 0; try < 200; try++)); do
    leg 2 0 3 >/tmp/dirty-log
    bits=$(tail -c 512 /tmp/dirty-log | head -c $((regions / 8)) | od -An -v -tx1 | tr -d ' \n')
    [[ ! $bits =~ ^f*$ ]] && break
  done
  wait "$writer"
  id=$(sed -n 's/^next id //p' /tmp/written)
  close kernel
  [[ ! $bits =~ ^f*$ ]] || fail "the kernel's log was never seen dirty"
  check dd if=/tmp/dirty-log of=/dev/scratch2 bs=512 oflag=direct conv=notrunc status=none
  opens_dirty ours
  open ours
  holds ours
  close ours
done

pass
