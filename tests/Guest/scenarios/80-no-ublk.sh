scenario "without the driver the error names the module and the kernel option, and nothing stays behind"

stop_daemon
check rmmod ublk_drv
mv /lib/modules/"$(uname -r)" /lib/modules/away
trap 'mv /lib/modules/away "/lib/modules/$(uname -r)"; modprobe ublk_drv' EXIT
check_fails 1 ublk-dm create a --table "0 8 zero" | grep "ublk_drv.*CONFIG_BLK_DEV_UBLK"
ublk-dm doctor >/tmp/doctor 2>&1 || true
cat /tmp/doctor
check grep -q "ublk_drv" /tmp/doctor
wait_until 30 daemon_gone
check test ! -S /run/ublk-dm/control.sock
pass
