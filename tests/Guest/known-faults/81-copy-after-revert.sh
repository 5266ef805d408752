# kernels: 7.2
# Reported: "Pre-existing Snapshot Could Cause Inconsistent Incrementals Using vSphere CBT",
# https://gestaltit.com/syndicated/rbrambley/pre-existing-snapshot-inconsistent-incrementals-vsphere-cbt/ (and VMware's KB article on it): an incremental
# backup is made, the machine goes back to an older snapshot, disk and map with it, and the next incremental believes a change id of the time that is
# gone. A correct product copies everything then, or says that it does not know.
scenario "a tracked disk that goes back to an older state together with its map: a copy made in between is not brought up to date by the map's numbers alone"

daemon
table="0 16384 track /dev/scratch0 0 8 /tmp/map"   # 2048 blocks of 4 KiB
put() { check dd if=/dev/urandom of=/dev/ublk-dm/d bs=4k seek="$1" count=1 oflag=direct status=none; }
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=8 oflag=direct status=none
create d "$table"
check ublk-dm track refresh d --to /tmp/copy >/dev/null
remove d

# The state to go back to.
check dd if=/dev/scratch0 of=/tmp/disk.then bs=1M count=8 iflag=direct status=none
check cp /tmp/map /tmp/map.then

create d "$table"
put 1000
check ublk-dm track refresh d --to /tmp/copy -j >/tmp/refresh
equal "the copy of the time that will be gone" "$(digest /dev/ublk-dm/d)" "$(digest /tmp/copy)"
remove d

check dd if=/tmp/disk.then of=/dev/scratch0 bs=1M oflag=direct conv=notrunc status=none
check cp /tmp/map.then /tmp/map
create d "$table"
put 1500
check ublk-dm track refresh d --to /tmp/copy -j >/tmp/refresh
cat /tmp/refresh
[ "$(digest /dev/ublk-dm/d)" = "$(digest /tmp/copy)" ] ||
  fail "after disk and map went back the copy is not what the device is, and refresh said: copiedSectors $(jq .copiedSectors /tmp/refresh), full $(jq .full /tmp/refresh)"
remove d
pass
