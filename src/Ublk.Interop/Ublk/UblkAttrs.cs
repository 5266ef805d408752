namespace Ublk.Interop;

/// <summary>UBLK_ATTR_* in <see cref="UblkParamBasic.Attrs"/> (linux/ublk_cmd.h). FUA counts only beside VOLATILE_CACHE.</summary>
[Flags]
public enum UblkAttrs : uint
{
    NONE = 0,
    READ_ONLY = 1 << 0,
    ROTATIONAL = 1 << 1,

    /// <summary>Without it the kernel never sends FLUSH.</summary>
    VOLATILE_CACHE = 1 << 2,
    FUA = 1 << 3,
}
