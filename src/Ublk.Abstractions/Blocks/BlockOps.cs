namespace Ublk;

/// <summary>
/// The set of operations a target or a device implements; what is missing is refused before
/// <c>Map</c> (<see cref="Target.Ops"/>).
/// </summary>
[Flags]
public enum BlockOps : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="BlockOp.Read"/>.</summary>
    Read = 1,

    /// <summary><see cref="BlockOp.Write"/>.</summary>
    Write = 2,

    /// <summary><see cref="BlockOp.Flush"/>.</summary>
    Flush = 4,

    /// <summary><see cref="BlockOp.Discard"/>.</summary>
    Discard = 8,

    /// <summary><see cref="BlockOp.WriteZeroes"/>.</summary>
    WriteZeroes = 16,

    /// <summary>All of them.</summary>
    All = 31,
}
