# timeout: 900
# kernels: 6.12
scenario "a mirror with a disk log goes from the kernel's dm-mirror to ours and back, in order, after a SIGKILL of the daemon, and with a dirty log of the kernel's: what is dirty is copied and nothing else"

check modprobe dm-mirror
daemon
seed=${UBLK_DM_SEED:-$RANDOM}
echo "UBLK_DM_SEED=$seed"
RANDOM=$seed
rounds=${UBLK_DM_ROUNDS:-1}
id=2

# leg NUMBER FIRST COUNT: its sectors.
leg() { dd if="/dev/scratch$1" bs=1M skip=$(($2 * 512)) count=$(($3 * 512)) iflag=direct,skip_bytes,count_bytes status=none; }
legs_alike() { cmp <(leg 0 0 "$length") <(leg 1 0 "$length") || fail "the legs differ $*"; }
# bitmap: the log's bits in hexadecimal; 1 is clean.
bitmap() { leg 2 2 1 | head -c $((regions / 8)) | od -An -v -tx1 | tr -d ' \n'; }
# dirty_regions: their numbers, without a process for each of 2048 regions.
dirty_regions() {
  local byte i r
  for ((i = 0; i < regions / 8; i++)); do
    byte=$((16#${bits:i * 2:2}))
    [ "$byte" != 255 ] || continue
    for ((r = 0; r < 8; r++)); do (((byte >> r) & 1)) || echo $((i * 8 + r)); done
  done
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

# How many each has left alone: a fast machine may have written to all regions of a mirror when it is killed.
declare -A clean_regions=([kernel]=0 [ours]=0)
# Behind everybody's back the whole second leg gets other bytes, every region of it. Who opens the mirror then has to put all dirty ones
# right, and to leave every byte of all others alone.
opens_dirty() {
  local dirty first count i where
  bits=$(bitmap)
  equal "number of regions in the log's header" "$regions" "$(leg 2 0 1 | od -An -tu8 -j8 -N8 | tr -d ' ')"
  mapfile -t dirty < <(dirty_regions)
  echo "$1 opens a log with ${#dirty[@]} of $regions regions dirty"
  ((${#dirty[@]} > 0)) || fail "the log is not dirty"
  clean_regions[$1]=$((${clean_regions[$1]} + regions - ${#dirty[@]}))
  leg 0 0 "$length" >/tmp/right
  head -c $((length * 512)) /dev/urandom >/tmp/expected
  check dd if=/tmp/expected of=/dev/scratch1 bs=1M oflag=direct conv=notrunc status=none
  # Neighbours together.
  for ((i = 0; i < ${#dirty[@]}; i += count)); do
    first=${dirty[i]}
    for ((count = 1; i + count < ${#dirty[@]} && dirty[i + count] == first + count; count++)); do :; done
    dd if=/tmp/right of=/tmp/expected bs=$((region * 512)) skip="$first" seek="$first" count="$count" conv=notrunc status=none
  done
  open "$1"
  close "$1"
  cmp /tmp/right <(leg 0 0 "$length") || fail "$1 changed the first leg when it opened a dirty log"
  where=$(cmp /tmp/expected <(leg 1 0 "$length") | sed 's/.* byte \([0-9]*\).*/\1/') || true
  [ -z "$where" ] || fail "region $(((where - 1) / 512 / region)) is not as it should be after $1 opened a log in which these were dirty: ${dirty[*]}"
  check dd if=/tmp/right of=/dev/scratch1 bs=1M oflag=direct conv=notrunc status=none
  rm /tmp/right /tmp/expected
}

# Sectors of the mirror and of a region.
for shape in "16384 8" "16384 32" "131072 1024"; do
  read -r length region <<<"$shape"
  regions=$((length / region))
  echo "-- $regions regions of $region sectors"
  table="0 $length mirror disk 2 /dev/scratch2 $region 2 /dev/scratch0 0 /dev/scratch1 0"
  check blkdiscard --force --zeroout --length 1M /dev/scratch2
  check stamps fill /dev/scratch0 /tmp/state "$length"
  check dd if=/dev/urandom of=/dev/scratch1 bs=1M count=$((length / 2048)) oflag=direct status=none

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
  equal "the log after ours" "7252694d02000000 $regions" "$(leg 2 0 1 >/tmp/log; od -An -tx1 -N8 /tmp/log | tr -d ' \n'; od -An -tu8 -j8 -N8 /tmp/log | tr -s ' ')"
  bits=$(bitmap)
  equal "regions that are dirty after ours ended in order" "" "$(dirty_regions)"
  open kernel
  equal "the kernel's status of ours" "$theirs" "$(status kernel)"
  holds kernel
  close kernel

  for ((round = 0; round < rounds; round++)); do
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
      wait_until 30 daemon_gone
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
done

((clean_regions[kernel] > 0 && clean_regions[ours] > 0)) || fail "no clean regions were seen: ${clean_regions[*]}"
pass
