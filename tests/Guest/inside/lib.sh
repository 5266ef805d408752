# What scenarios are written with. run-scenarios loads this before each one; see the README beside it.
# A command that fails where nothing handles it fails the scenario, so most lines need no helper.

# scenario TITLE: say in a sentence what is shown.
scenario() { printf -- '-- %s\n' "$*"; }

# pass: the scenario ends here, and everything it claims was seen. Without it a scenario does not pass, nor when a subshell has failed.
pass() {
  [ -s "$scenario_verdict" ] || echo pass >"$scenario_verdict"
  exit 0
}

# fail MESSAGE: the scenario ends here. The first message counts, also from a subshell.
fail() {
  trap - ERR
  printf -- '-- failed: %s\n' "$*" >&2
  [ -s "$scenario_verdict" ] || printf 'fail %s\n' "$*" >"$scenario_verdict"
  exit 1
}

# unhandled STATUS COMMAND: what the runner's ERR trap calls.
unhandled() {
  local status=$1 command=$2 frame line="?"
  for ((frame = 1; frame < ${#BASH_SOURCE[@]}; frame++)); do
    if [ "${BASH_SOURCE[frame]}" = "$scenario_file" ]; then
      line=${BASH_LINENO[frame - 1]}
      break
    fi
  done
  fail "line $line: $command: status $status"
}

# check COMMAND...: run it; on failure fail with the command, its status and what it printed.
# Its output goes to stdout, so also: size=$(check blockdev --getsize64 /dev/scratch0)
check() {
  local status=0 output
  output=$("$@" 2>&1) || status=$?
  if [ "$status" != 0 ]; then
    fail "$*: status $status: ${output:-(no output)}"
  fi
  [ -z "$output" ] || printf '%s\n' "$output"
}

# check_fails STATUS COMMAND...: the command must fail with STATUS, or with any status but 0 if STATUS is "any".
check_fails() {
  local expected=$1 status=0 output
  shift
  output=$("$@" 2>&1) || status=$?
  [ -z "$output" ] || printf '%s\n' "$output"
  if [ "$status" = 0 ] || { [ "$expected" != any ] && [ "$status" != "$expected" ]; }; then
    fail "$*: status $status, expected $expected: ${output:-(no output)}"
  fi
}

# equal WHAT EXPECTED ACTUAL
equal() {
  [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# wait_until SECONDS COMMAND...: try every tenth of a second until it succeeds.
wait_until() {
  local limit=$1 end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "not within $limit s: $*"
    sleep 0.1
  done
}

# stat_of DEVICE: its statistics as the kernel counts them, in the array stat.
stat_of() { read -r -a stat <"/sys/class/block/$(basename "$(readlink --canonicalize "$1")")/stat"; }

# was_written DEVICE [COUNT]: more writes to it than COUNT have ended since it came. in_flight DEVICE: something is under way. For wait_until,
# in place of a sleep.
was_written() { local stat && stat_of "$1" && [ "${stat[4]}" -gt "${2:-0}" ]; }
in_flight() { local stat && stat_of "$1" && [ "${stat[8]}" -gt 0 ]; }

# digest [DEVICE [BYTES]]: tells contents apart: of a device's or file's (first) bytes, read past the page cache where possible; of standard
# input, when there is none. MD5, because SHA-256 takes three times as long under emulation.
digest() {
  local sum
  [ $# = 0 ] || blockdev --flushbufs "$1" 2>/dev/null || true
  sum=$(case $# in 0) md5sum ;; 1) md5sum <"$1" ;; *) head -c "$2" -- "$1" | md5sum ;; esac)
  printf '%s\n' "${sum%% *}"
}

# sectors DEVICE: its length in 512-byte sectors.
sectors() { blockdev --getsz "$1"; }

# kernel_dm NAME TABLE: a device of the kernel's own device-mapper, /dev/mapper/NAME. The oracle of many scenarios.
kernel_dm() { check dmsetup create "$1" --table "$2"; }

# kernel_dm_remove NAME: waits a little for those who have just closed it.
kernel_dm_remove() { check dmsetup remove --retry "$1"; }

# ram_disks COUNT MIB: /dev/ram0 and so on, for what must be faster than a scratch disk.
ram_disks() { check modprobe brd "rd_nr=$1" "rd_size=$(($2 * 1024))"; }

. "$(dirname "${BASH_SOURCE[0]}")/product.sh"
