namespace Ublk.Interop;

/// <summary>File systems whose files are no storage but the kernel's own state, by their f_type (include/uapi/linux/magic.h).</summary>
static class KernelFileSystems
{
    static readonly HashSet<uint> s_magics =
    [
        0x9FA0,         // proc
        0x62656572,     // sysfs
        0x64626720,     // debugfs
        0x74726163,     // tracefs
        0x73636673,     // securityfs
        0xF97CFF8C,     // selinuxfs
        0x43415D53,     // smackfs
        0x0027E0EB,     // cgroup
        0x63677270,     // cgroup2
        0xCAFE4A11,     // bpf
        0xDE5E81E4,     // efivarfs
        0x6165676C,     // pstore
        0x62656570,     // configfs
        0x42494E4D,     // binfmt_misc
        0x65735543,     // fusectl
        0x07655821,     // resctrl
        0x6E736673,     // nsfs
    ];

    public static bool Has(long type) => s_magics.Contains((uint)type);
}
