# Shared by the host-side scripts of this folder: where the cache is, and how they talk.

guest_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${UBLK_DM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ublk-dm}
script_name=$(basename "$0")

say() { printf '%s: %s\n' "$script_name" "$*" >&2; }

# die STATUS MESSAGE: stop with a message that says what is wrong and what to do.
die() {
  local status=$1
  shift
  printf '%s: error: %s\n' "$script_name" "$*" >&2
  exit "$status"
}

# with_lock NAME: hold the cache's lock NAME until this process ends, waiting for another run that holds it.
with_lock() {
  mkdir -p "$cache/locks"
  exec {lock_descriptor}>"$cache/locks/$1"
  if ! flock --nonblock "$lock_descriptor"; then
    say "waiting for another run that holds $cache/locks/$1"
    flock --timeout 900 "$lock_descriptor" ||
      die 1 "$cache/locks/$1 is still held after 15 minutes; see who holds it with: fuser -v $cache/locks/$1"
  fi
}

# A command that fails where nothing handles it ends the script (set -e): say which.
trap 'say "error: line $LINENO of $0 failed: $BASH_COMMAND"' ERR
