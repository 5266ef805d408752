# timeout: 600
# kernels: 7.2
scenario "a log of the kernel's dm-log-writes is replayed by ours, and one of ours by the rules of the format written down here: the device as it was at every mark; a full log, and one that is cut off"

check modprobe dm-log-writes
daemon
ram_disks 3 8
length=8192         # 4 MiB
content() { dd if="$1" bs=1M count=4 iflag=direct status=none | digest; }

# phases DEVICE DISK MARK-COMMAND: writes, some with FUA, and at the end of each phase a flush and a mark; leaves what the disk had then.
phases() {
  local phase
  for phase in 1 2 3; do
    for at in 0 7 100 $((phase * 200)) 103; do
      check dd if=/dev/urandom of="$1" bs=3k count=1 seek="$at" oflag=direct conv=notrunc status=none
    done
    check dd if=/dev/urandom of="$1" bs=512 count=3 seek=$((3000 + phase)) oflag=direct,dsync conv=notrunc status=none
    check dd if=/dev/urandom of="$1" bs=64k count=2 seek=$((phase * 3)) oflag=direct conv=notrunc,fsync status=none
    $3 "phase-$phase"
    content "$2" >"/tmp/content-$phase"
  done
  check blkdiscard --offset $((64 << 10)) --length $((128 << 10)) "$1"
  check dd if=/dev/urandom of="$1" bs=1k count=5 seek=2000 oflag=direct conv=notrunc status=none   # no flush comes for it
}

# --- the kernel's log, our replay ---
kernel_mark() { check dmsetup message logged 0 mark "$1"; }
check dd if=/dev/urandom of=/dev/ram0 bs=1M count=4 oflag=direct status=none
check dd if=/dev/ram0 of=/tmp/base bs=1M count=4 status=none
kernel_dm logged "0 $length log-writes /dev/ram0 /dev/ram1"
phases /dev/mapper/logged /dev/ram0 kernel_mark
kernel_dm_remove logged
content /dev/ram0 >/tmp/content-end
check dd if=/tmp/base of=/dev/ram2 bs=1M oflag=direct status=none
for phase in 1 2 3; do
  check ublk-dm replay /dev/ram1 --to /dev/ram2 --until "phase-$phase"
  equal "the kernel's log at mark $phase" "$(cat /tmp/content-$phase)" "$(content /dev/ram2)"
done
# brd's discarded sectors read as zeroes, as ours are replayed.
check ublk-dm replay /dev/ram1 --to /dev/ram2
equal "the kernel's log at its end" "$(cat /tmp/content-end)" "$(content /dev/ram2)"

# --- our log, replayed by the rules ---
our_mark() { api POST /devices/ours/message "$(jq -nc --arg text "$1" '{words: ["mark", $text], sector: 0}')" >/dev/null; }
check dd if=/tmp/base of=/dev/ram0 bs=1M oflag=direct status=none
create ours "0 $length log-writes /dev/ram0 /dev/ram1"      # over the kernel's log
equal "table" "1:0 1:1" "$(api GET /devices/ours/table | jq --raw-output '.[0].params')"
phases /dev/ublk-dm/ours /dev/ram0 our_mark
echo "ours: $(info_line ours)"
remove ours
content /dev/ram0 >/tmp/content-end

# by_rules LOG DEVICE: read without any code of ours: a super block, then headers of a sector each, with data behind them unless it is a discard.
by_rules() {
  local head at=1 left flags sector count bytes text
  read -r -a head < <(od -An -v -t u8 -w32 -N 32 "$1")
  equal "magic and version" "29963231459240050 1" "${head[0]} ${head[1]}"
  equal "sector size" 512 $((head[3] & 0xffffffff))
  for ((left = head[2]; left > 0; left--)); do
    read -r sector count flags bytes < <(od -An -v -t u8 -w32 -j $((at * 512)) -N 32 "$1")
    at=$((at + 1))
    if ((flags & 8)); then
      text=$(dd if="$1" bs=1 skip=$(((at - 1) * 512 + 32)) count="$bytes" status=none)
      marks+=" $text"
      case $text in
        phase-*) equal "our log at mark $text" "$(cat "/tmp/content-${text#phase-}")" "$(digest <"$2")" ;;
      esac
    elif ((flags & 4)); then
      check dd if=/dev/zero of="$2" bs=512 seek="$sector" count="$count" conv=notrunc status=none
    elif ((count > 0)); then
      check dd if="$1" of="$2" bs=512 skip="$at" seek="$sector" count="$count" conv=notrunc status=none
      at=$((at + count))
    fi
    kinds[$flags]=$((${kinds[$flags]-0} + 1))
  done
  last="$sector $count $flags $bytes"
}
declare -A kinds=()
marks=
check cp /tmp/base /tmp/replayed
check dd if=/dev/ram1 of=/tmp/log bs=1M status=none
by_rules /tmp/log /tmp/replayed
equal "marks" " phase-1 phase-2 phase-3 dm-log-writes-end" "$marks"
equal "the last entry" "0 0 8 17" "$last"
equal "our log at its end" "$(cat /tmp/content-end)" "$(digest </tmp/replayed)"
echo "entries by flags:$(for kind in "${!kinds[@]}"; do printf ' %s: %s,' "$kind" "${kinds[$kind]}"; done)"
[ "${kinds[0]-0}" -ge 15 ] && [ "${kinds[1]-0}" -ge 3 ] && [ "${kinds[2]-0}" -ge 3 ] && [ "${kinds[4]-0}" -ge 1 ] || fail "some kinds of entry are missing"

# --- what goes wrong ---
truncate -s $((20 * 512)) /tmp/log
check_fails 1 ublk-dm replay /tmp/log --to /dev/ram2 >/tmp/said
grep -q '^error: /tmp/log: entry [0-9]* at byte [0-9]* of the log: ' /tmp/said || fail "a log that is cut off: $(cat /tmp/said)"
create short "0 64 linear /dev/scratch0 0"
create ours "0 $length log-writes /dev/ram0 /dev/ublk-dm/short"
check dd if=/dev/urandom of=/dev/ublk-dm/ours bs=64k count=8 oflag=direct conv=notrunc,fsync status=none
wait_until 20 sh -c "curl -s --unix-socket /run/ublk-dm/control.sock http://ublk-dm/v1/devices/ours/status | grep -q logging_disabled"
check dd if=/dev/urandom of=/tmp/after bs=64k count=1 status=none
check dd if=/tmp/after of=/dev/ublk-dm/ours bs=64k oflag=direct conv=notrunc,fsync status=none
equal "what was written when the log was full" "$(digest </tmp/after)" "$(dd if=/dev/ublk-dm/ours bs=64k count=1 iflag=direct status=none | digest)"
said=$(our_mark late 2>&1) && fail "a mark in a full log was taken"
[[ $said = *"/dev/ublk-dm/short is full"* || $said = *" is full, and nothing is logged any more"* ]] || fail "a mark in a full log: $said"
remove ours
remove short
pass
