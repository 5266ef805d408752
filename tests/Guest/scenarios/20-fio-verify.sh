# timeout: 600
# kernels: 7.2
# (23 verifies the same targets on every kernel; a stack in one process does not meet it)
scenario "fio writes, reads back and verifies over linear, striped, snapshot, and a snapshot on an in-process linear"

daemon
create lin "0 262144 linear /dev/scratch0 2048
262144 65536 linear /dev/scratch1 0"
verify /dev/ublk-dm/lin
remove lin

create stripe "0 262144 striped 2 64 /dev/scratch0 0 /dev/scratch1 128"
verify /dev/ublk-dm/stripe
equal "status" "2 $(lsblk -no MAJ:MIN /dev/scratch0 | tr -d ' ') $(lsblk -no MAJ:MIN /dev/scratch1 | tr -d ' ') 1 AA" "$(info_line stripe)"
remove stripe

create snap "0 131072 snapshot /dev/scratch2 /dev/scratch3 P 8"
before=$(digest /dev/ublk-dm/snap)
verify /dev/ublk-dm/snap
remove snap
equal "the origin" "$before" "$(digest /dev/scratch2 64M)"

# The whole stack in one process: the snapshot stands on two linear devices of ours.
check blkdiscard --zeroout --length 8M /dev/scratch3
create low "linear /dev/scratch2 0"
create store "linear /dev/scratch3 0"
create top "0 131072 snapshot /dev/ublk-dm/low /dev/ublk-dm/store P 16"
verify /dev/ublk-dm/top
for lower in low store; do
  check_fails any remove "$lower"
done
remove top
remove store
remove low
equal "the origin under the stack" "$before" "$(digest /dev/scratch2 64M)"
pass
