namespace Ublk.Targets.Log;

/// <summary>What happened to a block in an epoch. Two bits, in memory and on disk.</summary>
enum BlockState : byte
{
    /// <summary>Nothing.</summary>
    Clean = 0,

    /// <summary>It was written, in part or whole.</summary>
    Data = 1,

    /// <summary>It was discarded or zeroed as a whole, and not written since.</summary>
    Discarded = 2,
}
