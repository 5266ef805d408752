# The product in scenarios: the command is ublk-dm; loops use the daemon's API, because a .NET process takes 1 to 2 s to start here.

# api METHOD PATH [JSON]: prints the answer; fails with the daemon's error line.
api() {
  local method=$1 path=$2 body=${3-} status answer
  answer=$(curl --silent --show-error --unix-socket /run/ublk-dm/control.sock --request "$method" \
    ${body:+--data "$body"} --write-out '\n%{http_code}' "http://ublk-dm/v1$path" 2>&1) || fail "$method $path: $answer"
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  case $status in
    2*) [ -z "$answer" ] || printf '%s\n' "$answer" ;;
    *) printf '%s %s: %s: %s\n' "$method" "$path" "$status" "$answer" >&2; return 1 ;;
  esac
}

# daemon: make sure it runs, for a scenario that uses only the API.
daemon() {
  curl --silent --unix-socket /run/ublk-dm/control.sock http://ublk-dm/v1/version >/dev/null && return
  /opt/ublk-dm/ublk-dmd </dev/null >/dev/null 2>&1 &
  disown
  wait_until 90 curl --silent --unix-socket /run/ublk-dm/control.sock http://ublk-dm/v1/version
}

# create NAME TABLE, load NAME TABLE, suspend, resume, remove: by the API.
create() { api POST /devices "$(jq -nc --arg name "$1" --arg table "$2" '{name: $name, table: $table}')" >/dev/null; }
load() { api PUT "/devices/$1/table" "$(jq -nc --arg table "$2" '{table: $table}')" >/dev/null; }
suspend() { api POST "/devices/$1/suspend" >/dev/null; }
resume() { api POST "/devices/$1/resume" >/dev/null; }
remove() { api DELETE "/devices/$1" >/dev/null; }
info_line() { api GET "/devices/$1/status" | jq --raw-output '.[0].params'; }

# verify DEVICE [FIO OPTION]...: random reads and writes, every block checked by crc32c; any I/O error fails it.
verify() {
  local device=$1
  shift
  check fio --name=verify --filename="$device" --ioengine=libaio --direct=1 --rw=randrw --bsrange=512-64k --iodepth=16 --size=24M \
    --verify=crc32c --verify_fatal=1 --verify_backlog=256 --randseed=7 --output-format=terse "$@" >/dev/null
}
