namespace Ublk.Interop;

/// <summary>
/// UBLK_PARAM_TYPE_* in <see cref="UblkParams.Types"/> (linux/ublk_cmd.h). The driver drops the ones it does not know without an
/// error: read them back.
/// </summary>
[Flags]
public enum UblkParamTypes : uint
{
    NONE = 0,
    BASIC = 1 << 0,
    DISCARD = 1 << 1,

    /// <summary>6.3; read only.</summary>
    DEVT = 1 << 2,

    /// <summary>6.6.</summary>
    ZONED = 1 << 3,

    /// <summary>6.15.</summary>
    DMA_ALIGN = 1 << 4,

    /// <summary>6.15.</summary>
    SEGMENT = 1 << 5,

    /// <summary>7.0.</summary>
    INTEGRITY = 1 << 6,
}
