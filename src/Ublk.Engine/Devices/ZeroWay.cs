namespace Ublk.Engine;

/// <summary>How zeroes are written to a device, from the best way to the one that always works.</summary>
enum ZeroWay
{
    /// <summary>FALLOC_FL_PUNCH_HOLE where unmapping is allowed, else FALLOC_FL_ZERO_RANGE.</summary>
    Unmap,

    /// <summary>FALLOC_FL_ZERO_RANGE.</summary>
    ZeroRange,

    /// <summary>Writes of zero bytes.</summary>
    Write,
}
