# kernels: 7.2
scenario "a target and a dirty log of third parties are loaded from a folder that belongs to root, and from no other"

plug_ins=/opt/ublk-dm/samples
[ -d "$plug_ins" ] || fail "the published product has no samples"
stop_daemon
mkdir -p /usr/lib/ublk-dm/targets
cp "$plug_ins"/*.dll /usr/lib/ublk-dm/targets/
chmod 755 /usr/lib/ublk-dm /usr/lib/ublk-dm/targets
chmod 644 /usr/lib/ublk-dm/targets/*
daemon
answer=$(api GET /targets)
grep -q '"xor"' <<<"$answer"
create x "0 8192 xor /dev/scratch0 0 170"
verify /dev/ublk-dm/x --size=4M
check dd if=/dev/zero of=/dev/ublk-dm/x bs=4k count=1 oflag=direct status=none
equal "zeros are stored as 0xaa" "$(head -c 4k /dev/zero | tr '\0' '\252' | digest)" "$(digest /dev/scratch0 4k)"
equal "and read as zeros" "$(head -c 4k /dev/zero | digest)" "$(digest /dev/ublk-dm/x 4k)"
remove x

create m "0 8192 mirror volatile 1 64 2 /dev/scratch2 0 /dev/scratch3 0"
equal "in sync at once" "128/128 1 AA 1 volatile" "$(info_line m | cut -d' ' -f4-)"
verify /dev/ublk-dm/m --size=4M
remove m
check cmp -n $((8192 * 512)) /dev/scratch2 /dev/scratch3

stop_daemon
chmod 666 /usr/lib/ublk-dm/targets/*
daemon
answer=$(api GET /targets)
grep -q '"xor"' <<<"$answer" && ! api GET /targets | jq -e '.targets[] | select(.name == "xor")' >/dev/null || check_fails any create x "0 8192 xor /dev/scratch0 0 170"
check_fails any create x "0 8192 xor /dev/scratch0 0 170"
stop_daemon
rm -rf /usr/lib/ublk-dm/targets
pass
