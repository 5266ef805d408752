# timeout: 600
# kernels: 7.2
# (what the daemon keeps does not depend on the kernel)
scenario "the memory of 64 devices is bounded, and idle workers are asleep"

daemon
modprobe -r null_blk 2>/dev/null || true
modprobe null_blk nr_devices=1 gb=1 memory_backed=1 irqmode=2 completion_nsec=2000000 bs=512
make() { api POST /devices "{\"name\":\"$1\",\"table\":\"$2\",\"mode\":\"copy\",\"queues\":1}" >/dev/null; }

# 64 devices of depth 128 and 512 KiB in copy mode: 4 GiB if every tag kept its buffer. They are written and read with long requests one
# after the other; what the daemon keeps stays within its cap (256 MiB) and what else it needs.
pid=$(pgrep -x ublk-dmd)
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
for ((i = 0; i < 64; i++)); do make "d$i" "0 131072 linear /dev/nullb0 $((i * 8192))"; done
echo "RSS with 64 idle devices: $(rss) KiB"
[ "$(rss)" -le $((200 * 1024)) ] || fail "RSS with 64 idle devices is $(rss) KiB"

# Idle means asleep: no worker wakes in five seconds.
# (Threads of the runtime's pool come and go while grep looks.)
workers=$(grep -sl '^worker-' /proc/"$pid"/task/*/comm || true)
[ -n "$workers" ] || fail "no worker among the daemon's threads"
wakes() { for comm in $workers; do awk '/_ctxt_switches/ { sum += $2 } END { print sum }' "${comm%comm}status"; done | tr '\n' ' '; }
settled() { local now && now=$(wakes) && sleep 1 && [ "$now" = "$(wakes)" ]; }
wait_until 30 settled
before=$(wakes)
sleep 5
equal "wake-ups of the workers in 5 s" "$before" "$(wakes)"

for ((i = 0; i < 64; i++)); do
  check dd if=/dev/zero of="/dev/ublk-dm/d$i" bs=512k count=16 oflag=direct status=none
  check dd if="/dev/ublk-dm/d$i" of=/dev/null bs=512k count=16 iflag=direct status=none
done
echo "RSS after 64 devices moved 8 MiB each way in requests of 512 KiB: $(rss) KiB"
[ "$(rss)" -le $(((200 + 256 + 64) * 1024)) ] || fail "RSS is $(rss) KiB"
# With the cap exceeded, reads come in pieces and buffers give their pages back: what is read must be right all the same.
verify /dev/ublk-dm/d0 --bsrange=512-512k --size=16M
for ((i = 0; i < 64; i++)); do remove "d$i"; done
pass
