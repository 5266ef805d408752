# timeout: 900
# kernels: 7.2
scenario "legs and logs of a mirror fail, one by one and all, with every kind of features, with a log in memory and on disk: status, events, errors and held writes are the kernel's"

daemon
# As in the transcript of the kernel: 16 regions, and numbers of 4 KiB blocks, of which 128 are a region.
length=16384
create leg0 "0 $length linear /dev/scratch0 0"
create leg1 "0 $length linear /dev/scratch1 0"
create log "0 2048 linear /dev/scratch2 0"

turn() { load "$1" "0 $2"; resume "$1"; }
well() { turn "leg$1" "$length linear /dev/scratch$1 0"; }
fails() { turn "leg$1" "$length error"; }
fails_reads() { turn "leg$1" "$length flakey /dev/scratch$1 0 0 3600 1 error_reads"; }
fails_writes() { turn "leg$1" "$length flakey /dev/scratch$1 0 0 3600 1 error_writes"; }
log_well() { turn log "2048 linear /dev/scratch2 0"; }
log_fails() { turn log "2048 error"; }

write_at() { dd if=/dev/urandom of=/dev/ublk-dm/m bs=4k count=1 seek="$1" oflag=direct conv=notrunc status=none; }
read_at() { dd if=/dev/ublk-dm/m of=/dev/null bs=4k count=1 skip="$1" iflag=direct status=none; }
scribble() { check dd if=/dev/urandom of="/dev/scratch$1" bs=1M count=$((length / 2048)) oflag=direct conv=notrunc status=none; }
legs_alike() { check cmp -n $((length * 512)) /dev/scratch0 /dev/scratch1; }

# mirror LOG [FEATURES]: its table.
mirror() { echo "0 $length mirror $1 2 /dev/ublk-dm/leg0 0 /dev/ublk-dm/leg1 0 ${2-}"; }
# now WHAT: what is shown next.
now() {
  what="$log, $1"
  echo "-- $SECONDS s: $what"
}
# row WHAT [FEATURES]: a mirror whose legs are alike, and taken for that.
row() {
  now "$1"
  check dd if=/dev/scratch0 of=/dev/scratch1 bs=1M count=$((length / 2048)) iflag=direct oflag=direct conv=notrunc status=none
  create m "$(mirror "$alike" "${2-}")"
  is 16 AA 0
}
# is REGIONS LETTERS EVENTS [LOG-LETTER]: so many regions are in sync, and the rest of the status. comes_to: within 20 s.
line() { echo "$1/16 1 $2 $([ "$log" = core ] && echo 1 core || echo "3 disk ${4-A}") ev=$3"; }
state() {
  local line
  line=$(info_line m)
  line=${line#* * * }
  [[ ! $line =~ ^(.*disk\ )[0-9:]+\ (.*)$ ]] || line=${BASH_REMATCH[1]}${BASH_REMATCH[2]}
  echo "$line ev=$(event_number m)"
}
is() { equal "$what" "$(line "$@")" "$(state)"; }
is_state() { [ "$(state)" = "$1" ]; }
comes_to() {
  local end=$((SECONDS + 20))
  until is_state "$(line "$@")"; do
    [ "$SECONDS" -lt "$end" ] || is "$@"
    sleep 0.1
  done
}
is_field() { [ "$(field m "$1")" = "$2" ]; }
settled() { wait_until 20 is_field recovers -; }
# begin_write BLOCK: it is held. held_fails, held_succeeds: how it ends.
begin_write() {
  (trap - ERR; write_at "$1") >/tmp/held 2>&1 &
  writer=$!
  wait_until 20 is_field "held writes" 1
  check kill -0 "$writer"
}
held_fails() { ! wait "$writer" || fail "$what: a held write succeeded with a plain suspend"; }
held_succeeds() { wait "$writer" || fail "$what: a held write failed: $(cat /tmp/held)"; }
suspend_noflush() { api POST /devices/m/suspend '{"noFlush":true}' >/dev/null; }

for log in core disk; do
  # With a word a disk log begins anew at each resume.
  if [ "$log" = core ]; then
    alike="core 2 1024 nosync" differ="core 2 1024 sync" kept="core 1 1024"
  else
    alike="disk 3 /dev/ublk-dm/log 1024 nosync" differ="disk 3 /dev/ublk-dm/log 1024 sync" kept="disk 2 /dev/ublk-dm/log 1024"
  fi

  # No features: nobody is told, writes go on, and regions fall out of sync.
  row "no features, secondary write error"
  fails 1
  check write_at 0
  is 15 AD 0
  check write_at 128
  is 14 AD 0
  check read_at 0
  check write_at 1
  is 14 AD 0
  remove m
  well 1
  row "no features, primary write error"
  fails 0
  check write_at 0
  is 15 DA 0
  check_fails any read_at 0
  check read_at 300
  is 15 DA 0
  check_fails any write_at 0
  is 15 DA 0
  remove m
  well 0

  # handle_errors: the write is held. The next table gets it after a noflush suspend, a plain one fails it.
  row "handle_errors, secondary write error, noflush" "1 handle_errors"
  fails 1
  begin_write 0
  is 15 AD 1
  check read_at 0
  check kill -0 "$writer"
  load m "0 $length linear /dev/ublk-dm/leg0 0"
  suspend_noflush
  resume m
  held_succeeds
  check read_at 0
  equal "$what: events" 1 "$(event_number m)"
  remove m
  well 1
  row "handle_errors, secondary write error, plain suspend" "1 handle_errors"
  fails 1
  begin_write 0
  is 15 AD 1
  suspend m
  held_fails
  is 15 AD 1
  well 1
  # With the word this disk log would begin anew, and never copy what the leg lacks.
  [ "$log" = core ] || load m "$(mirror "$kept" "1 handle_errors")"
  resume m
  comes_to 16 AA 2
  remove m
  legs_alike

  # A read that fails is served by another leg, which becomes the default one.
  row "handle_errors, primary read error" "1 handle_errors"
  fails_reads 0
  check read_at 0
  is 16 RA 1
  check read_at 1
  is 16 RA 1
  check write_at 0
  is 16 RA 1
  remove m
  well 0
  legs_alike

  # keep_log: writes go on with the legs that are left, until none is.
  row "keep_log, secondary write error, then primary" "2 handle_errors keep_log"
  fails 1
  check write_at 0
  is 15 AD 1
  check write_at 0
  is 15 AD 1
  check read_at 0
  fails 0
  check_fails any write_at 200
  check_fails any read_at 200
  is 14 DD 2
  check_fails any write_at 0
  check_fails any read_at 300
  remove m
  well 0
  well 1

  # Recovery.
  now "recovery write error"
  scribble 1
  fails_writes 1
  create m "$(mirror "$differ" "1 handle_errors")"
  settled
  is 0 AS 1
  well 1
  suspend m
  resume m
  comes_to 16 AA 2
  remove m
  legs_alike
  now "recovery read error"
  scribble 1
  fails_reads 0
  create m "$(mirror "$differ" "1 handle_errors")"
  settled
  is 0 SA 1
  check_fails any read_at 0
  is 0 SA 1
  remove m
  now "no features, recovery error"
  create m "$(mirror "$differ")"
  settled
  is 16 AA 1
  check read_at 0
  remove m
  well 0
  now "all is well again"
  create m "$(mirror "$differ" "1 handle_errors")"
  comes_to 16 AA 1
  remove m
  legs_alike
done

# The log itself, on disk.
row "no features, log write error"
log_fails
check write_at 0
is 16 AA 1 D
check write_at 128
check read_at 0
is 16 AA 1 D
log_well
remove m
legs_alike

row "handle_errors, log write error, plain suspend" "1 handle_errors"
log_fails
begin_write 0
is 16 AA 1 D
check read_at 0
suspend m
held_fails
is 16 AA 1 D
log_well
resume m
check write_at 0
remove m
row "handle_errors, log write error, noflush" "1 handle_errors"
log_fails
begin_write 0
is 16 AA 1 D
# Another log takes its place.
load m "$(mirror "disk 3 /dev/scratch3 1024 nosync" "1 handle_errors")"
suspend_noflush
resume m
held_succeeds
check write_at 128
is 16 AA 1
remove m
log_well
legs_alike

row "keep_log, log write error" "2 handle_errors keep_log"
log_fails
check_fails any write_at 0
is 16 AA 1 D
check_fails any write_at 1
is 16 AA 1 D
check read_at 0
log_well
remove m

# A log that cannot be read says nothing: everything is copied.
now "the log is unreadable when the mirror is made"
scribble 1
log_fails
create m "$(mirror "$kept")"
comes_to 16 AA 2 D
check write_at 0
check read_at 0
is 16 AA 2 D
log_well
remove m
legs_alike
now "the log is unreadable at a later resume"
create m "$(mirror "$kept")"
comes_to 16 AA 1
suspend m
scribble 1
log_fails
resume m
comes_to 16 AA 3 D
log_well
remove m
legs_alike
pass
