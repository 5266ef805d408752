# The product in scenarios: the command is ublk-dm; loops use the daemon's API, because a process takes long to start here: 0.3 s each for
# ublk-dm, curl and jq, 0.03 s for a static one.

# api METHOD PATH [JSON]: prints the answer; a refusal is status 1, with the daemon's error line on stderr.
api() {
  local status=0
  command api "$@" || status=$?
  [ "$status" -lt 2 ] || fail "the daemon does not answer: api $*"
  return "$status"
}

# daemon_gone: the daemon has ended. It stops to answer before it lets go of its lock.
daemon_gone() { ! pgrep -x ublk-dmd; }

# stop_daemon: end it, if it runs.
stop_daemon() {
  pkill -x ublk-dmd || true
  wait_until 30 daemon_gone
}

# daemon: make sure it runs, for a scenario that uses only the API.
daemon() {
  if is_up 2>/dev/null; then return; fi
  /opt/ublk-dm/ublk-dmd </dev/null >/dev/null 2>&1 &
  disown
  wait_until 90 is_up
}
is_up() { command api GET /version >/dev/null; }

# quoted TEXT: sets json to it as a string of JSON.
quoted() {
  json=${1//\\/\\\\}
  json=${json//\"/\\\"}
  json="\"${json//$'\n'/\\n}\""
}

# create NAME TABLE, load NAME TABLE, suspend, resume, remove: by the API.
create() { local json; quoted "$2"; api POST /devices "{\"name\":\"$1\",\"table\":$json}" >/dev/null; }
load() { local json; quoted "$2"; api PUT "/devices/$1/table" "{\"table\":$json}" >/dev/null; }
suspend() { api POST "/devices/$1/suspend" >/dev/null; }
resume() { api POST "/devices/$1/resume" >/dev/null; }
remove() { api DELETE "/devices/$1" >/dev/null; }

# status_line NAME, table_line NAME: of the first line of the table, as dmsetup prints it; info_line NAME: what the target says of itself there.
# field NAME FIELD: one field of it, for people; event_number NAME. Without jq, because they are asked again and again.
status_line() { first_line "/devices/$1/status" "1 2 3 4"; }
table_line() { first_line "/devices/$1/table" "1 2 3 4"; }
info_line() { first_line "/devices/$1/status" 4; }
first_line() { first_match "$1" '"start":([0-9]+),"sectorCount":([0-9]+),"target":"([^"]*)","params":"([^"]*)"' "$2"; }
field() { first_match "/devices/$1/status" "\"name\":\"$2\",\"text\":\"([^\"]*)\""; }
event_number() { first_match "/devices/$1" '"eventNumber":([0-9]+)'; }
# first_match PATH PATTERN [GROUPS]
first_match() {
  local answer group groups=()
  answer=$(api GET "$1") || return
  [[ $answer =~ $2 ]] || fail "the answer to $1 has no $2: $answer"
  for group in ${3-1}; do groups+=("${BASH_REMATCH[group]}"); done
  printf '%s\n' "${groups[*]}"
}

# verify DEVICE [FIO OPTION]...: random reads and writes, every block checked by crc32c; any I/O error fails it.
verify() {
  local device=$1
  shift
  check fio --name=verify --filename="$device" --ioengine=libaio --direct=1 --rw=randrw --bsrange=512-64k --iodepth=16 --size=24M \
    --verify=crc32c --verify_fatal=1 --verify_backlog=256 --randseed=7 --output-format=terse "$@" >/dev/null
}
