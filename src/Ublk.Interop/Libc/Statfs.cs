using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct statfs (asm-generic/statfs.h, 64 bits), 120 bytes. f_bavail: blocks of f_bsize bytes for whoever is not root.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct Statfs
{
    public long f_type;
    public long f_bsize;
    public ulong f_blocks;
    public ulong f_bfree;
    public ulong f_bavail;
    public ulong f_files;
    public ulong f_ffree;
    public long f_fsid;
    public long f_namelen;
    public long f_frsize;
    public long f_flags;
    public fixed long f_spare[4];
}
