# kernels: 7.2
scenario "ext4 and XFS can be made, mounted and checked on the kernel's device-mapper over scratch disks"

kernel_dm first "0 1048576 linear /dev/scratch0 0"
kernel_dm second "0 1048576 linear /dev/scratch1 0"
check mkfs.ext4 -q /dev/mapper/first
check mkfs.xfs -q /dev/mapper/second
for name in first second; do
  mkdir -p "/tmp/$name"
  check mount "/dev/mapper/$name" "/tmp/$name"
  check dd if=/dev/urandom "of=/tmp/$name/file" bs=1M count=16 oflag=direct status=none
  check umount "/tmp/$name"
done
check e2fsck -fn /dev/mapper/first
check xfs_repair -n /dev/mapper/second
pass
