# timeout: 900
scenario "a device's queue says what the bottom of its stack says, so the kernel splits requests as the disk would want"

daemon
# queue DEVICE FACT: from its queue in sysfs; a partition's is its disk's.
queue() {
  local folder
  folder=/sys/dev/block/$(stat --dereference --format %Hr:%Lr "$1")
  [ ! -e "$folder/partition" ] || folder+=/..
  printf '%s\n' "$(<"$folder/queue/$2")"
}
larger() { [ "$1" -gt "$2" ] && echo "$1" || echo "$2"; }
smaller() { [ "$1" -lt "$2" ] && echo "$1" || echo "$2"; }

# A device of nothing: no wish but the length of our buffers.
create nothing "0 1048576 zero"
nothing=/dev/ublk-dm/nothing
equal "zero" "512 512 512 0 0 0" \
  "$(for fact in logical_block_size physical_block_size minimum_io_size rotational virt_boundary_mask chunk_sectors; do queue $nothing $fact; done | xargs)"
equal "the cache of a zero" "write back" "$(queue $nothing write_cache)"
longest=$(queue $nothing max_hw_sectors_kb)
longest_discard=$(queue $nothing discard_max_bytes)
equal "the longest discard" $((1 << 30)) "$longest_discard"
remove nothing

zero_copy=no
[ "$(uname -r | cut -d. -f1)" -lt 7 ] || zero_copy=yes

# inherits WHAT DEVICE BOTTOM: every fact of its queue is the bottom's, as far as ublk can say it.
inherits() {
  local what=$1 device=$2 bottom=$3 fact
  for fact in logical_block_size physical_block_size minimum_io_size rotational; do
    equal "$what: $fact" "$(queue "$bottom" $fact)" "$(queue "$device" $fact)"
  done
  # ublk cannot say "no preference".
  local best
  best=$(queue "$bottom" optimal_io_size)
  [ "$best" != 0 ] || best=$(queue "$bottom" minimum_io_size)
  equal "$what: optimal_io_size" "$best" "$(queue "$device" optimal_io_size)"
  local most
  most=$(queue "$bottom" max_sectors_kb)
  [ "$most" -ge 256 ] || most=$longest      # a bottom that takes less splits by itself
  equal "$what: max_hw_sectors_kb" "$(smaller "$longest" "$most")" "$(queue "$device" max_hw_sectors_kb)"
  if [ "$(queue "$bottom" discard_max_bytes)" != 0 ]; then
    equal "$what: discard_granularity" "$(queue "$bottom" discard_granularity)" "$(queue "$device" discard_granularity)"
    equal "$what: discard_max_bytes" "$(smaller "$longest_discard" "$(queue "$bottom" discard_max_bytes)")" "$(queue "$device" discard_max_bytes)"
  fi
  # How memory must lie concerns the bottom only where it gets the user's; a ublk device has an alignment of 3 at least.
  if [ "$zero_copy" = yes ]; then
    equal "$what: virt_boundary_mask" "$(queue "$bottom" virt_boundary_mask)" "$(queue "$device" virt_boundary_mask)"
    equal "$what: dma_alignment" "$(larger 3 "$(queue "$bottom" dma_alignment)")" "$(queue "$device" dma_alignment)"
  fi
  equal "$what: the cache" "write back 1" "$(queue "$device" write_cache) $(queue "$device" fua)"
  echo "$what: $(for fact in logical_block_size physical_block_size minimum_io_size optimal_io_size max_hw_sectors_kb rotational dma_alignment \
    virt_boundary_mask discard_granularity discard_max_bytes; do printf '%s=%s ' $fact "$(queue "$device" $fact)"; done)"
}

# linear WHAT BOTTOM
linear() {
  create test "linear $2 0"
  inherits "$1" /dev/ublk-dm/test "$2"
  verify /dev/ublk-dm/test --bsrange="$(queue "$2" logical_block_size)-64k" --size=2M
  remove test
}

# A disk, and a partition of one.
linear "a virtio disk" /dev/scratch0
{ head -c 446 /dev/zero; printf '\0\0\0\0\203\0\0\0\0\10\0\0\0\0\1\0'; head -c 48 /dev/zero; printf '\125\252'; } >/tmp/mbr   # 65536 sectors from 2048 on
check dd if=/tmp/mbr of=/dev/scratch1 conv=fsync status=none
check blockdev --rereadpt /dev/scratch1
wait_until 10 test -b "$(readlink -f /dev/scratch1)1"
linear "a partition" "$(readlink -f /dev/scratch1)1"
check dd if=/dev/zero of=/dev/scratch1 bs=512 count=1 conv=fsync status=none
check blockdev --rereadpt /dev/scratch1

# Blocks of 4096 bytes, requests shorter than ours, no gaps in them.
check modprobe null_blk nr_devices=1 gb=1 bs=4096 max_sectors=512 memory_backed=1 discard=1 virt_boundary=1
equal "null_blk" "4096 256 4095" "$(queue /dev/nullb0 logical_block_size) $(queue /dev/nullb0 max_sectors_kb) $(queue /dev/nullb0 virt_boundary_mask)"
linear "null_blk" /dev/nullb0
# What the kernel makes of it: one write of 512 KiB arrives as 2.
create test "linear /dev/nullb0 0"
written() { awk '{ print $5 }' "/sys/class/block/$(basename "$(readlink -f /dev/ublk-dm/test)")/stat"; }
before=$(written)
check dd if=/dev/zero of=/dev/ublk-dm/test bs=512k count=1 oflag=direct status=none
equal "requests of one write" 2 $(($(written) - before))

# A stack in one process, and a table of two disks: the limits of both.
create top "linear /dev/ublk-dm/test 8"
inherits "a stack in one process" /dev/ublk-dm/top /dev/nullb0
remove top
remove test
create two "0 8192 linear /dev/scratch0 0
8192 8192 linear /dev/nullb0 0"
two=/dev/ublk-dm/two
equal "two disks" "4096 $(queue /dev/scratch0 rotational) 256" \
  "$(queue $two logical_block_size) $(queue $two rotational) $(queue $two max_hw_sectors_kb)"
# A later table with other limits is taken; what the node said stays.
load two "0 16384 linear /dev/scratch0 0"
resume two
equal "after a reload" "4096 256" "$(queue $two logical_block_size) $(queue $two max_hw_sectors_kb)"
verify $two --bsrange=4k-64k --size=2M
remove two

# A disk with large physical blocks, a best length, and discards of 64 KiB.
check modprobe sd_mod
check modprobe scsi_debug dev_size_mb=64 physblk_exp=3 opt_xferlen_exp=6 opt_blks=512 lbpu=1 unmap_granularity=128 unmap_max_blocks=8192 delay=0
wait_until 20 compgen -G '/sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*/block/*'
disk=/dev/$(basename /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*/block/*)
wait_until 10 test -b "$disk"
equal "scsi_debug" "4096 262144 65536" "$(queue "$disk" physical_block_size) $(queue "$disk" optimal_io_size) $(queue "$disk" discard_granularity)"
linear "scsi_debug" "$disk"

# Stripes: the kernel's device-mapper is the oracle. The chunk is no power of two.
table="0 393216 striped 2 192 /dev/scratch2 0 /dev/scratch3 0"
kernel_dm oracle "$table"
hints=$(for fact in minimum_io_size optimal_io_size; do queue /dev/mapper/oracle $fact; done | xargs)
equal "the oracle's hints" "98304 196608" "$hints"
kernel_dm_remove oracle
create stripes "$table"
stripes=/dev/ublk-dm/stripes
equal "stripes, in powers of two" "65536 131072" "$(queue $stripes minimum_io_size) $(queue $stripes optimal_io_size)"
equal "the chunk" $((192 * 512)) "$(($(queue $stripes chunk_sectors) * 512))"
verify $stripes --bsrange=4k-256k --size=8M
content=$(digest $stripes 8M)
remove stripes
kernel_dm oracle "$table"
equal "what the kernel's striped reads" "$content" "$(digest /dev/mapper/oracle 8M)"
kernel_dm_remove oracle

table="0 393216 striped 2 128 /dev/scratch2 0 /dev/scratch3 0"
kernel_dm oracle "$table"
hints=$(for fact in minimum_io_size optimal_io_size rotational discard_granularity; do queue /dev/mapper/oracle $fact; done | xargs)
kernel_dm_remove oracle
create stripes "$table"
equal "stripes of a power of two" "$hints" \
  "$(for fact in minimum_io_size optimal_io_size rotational discard_granularity; do queue $stripes $fact; done | xargs)"
remove stripes

# A snapshot splits at its chunks itself: a request through the driver for each 4 KiB would cost more.
check dd if=/dev/zero of=/dev/scratch3 bs=1M count=4 conv=fsync status=none
create snap "0 131072 snapshot /dev/scratch2 /dev/scratch3 P 8"
equal "a snapshot's chunk" 0 "$(queue /dev/ublk-dm/snap chunk_sectors)"
remove snap
pass
