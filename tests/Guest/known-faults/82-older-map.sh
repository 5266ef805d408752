# kernels: 7.2
# Reported: abbbi/virtnbdbackup#258 and #272 (a bitmap is lost or older than the backup; the chain must not be believed), and Backup Exec 100033474
# https://supportbackupexec.cloud.com/external/article/100033474/incremental-and-differential-virtual-mac.html (the query no longer errs when the
# CBT data is wrong). Here the map is put back from a backup of /var; the disk is not. A backup program asks for what changed since the last
# checkpoint that it was given. A correct product tells all of it, or that it is not known (exit code 5), never less.
scenario "an older map under a disk that went on: a checkpoint of the time in between is not believed to be one of the new time"

daemon
table="0 16384 track /dev/scratch0 0 8 /tmp/map"   # 2048 blocks; 1000, 1500 and 1700 are none of those that are sampled
put() { check dd if=/dev/urandom of=/dev/ublk-dm/d bs=4k seek="$1" count=1 oflag=direct status=none; }
checkpoint() { api POST /devices/d/message '{"words": ["checkpoint"], "sector": 0}' | jq --raw-output .reply; }
check dd if=/dev/urandom of=/dev/scratch0 bs=1M count=8 oflag=direct status=none
create d "$table"
checkpoint >/dev/null
remove d
check cp /tmp/map /tmp/map.then

create d "$table"
put 1000
mine=$(checkpoint)   # what the backup program has, with all of the disk
remove d
check cp /tmp/map.then /tmp/map

if create d "$table" 2>/tmp/refused; then
  put 1500
  checkpoint >/dev/null
  put 1700
  status=0
  ublk-dm track changes d --since "$mine" --ranges >/tmp/changes 2>/tmp/why || status=$?
  cat /tmp/changes /tmp/why
  if [ "$status" = 0 ]; then
    grep -q '^12000 8$' /tmp/changes && grep -q '^13600 8$' /tmp/changes ||
      fail "since checkpoint $mine blocks 1500 and 1700 were written, and told were sectors: $(paste -sd, /tmp/changes)"
  fi
  remove d
else
  cat /tmp/refused
fi
pass
