namespace Ublk.Interop;

/// <summary>Names of sysconf (bits/confname.h of glibc).</summary>
public static class Sysconf
{
    public const int _SC_PAGESIZE = 30;
    public const int _SC_NPROCESSORS_CONF = 83;
    public const int _SC_NPROCESSORS_ONLN = 84;
}
