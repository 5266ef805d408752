namespace Ublk.Targets.Log;

/// <summary>An entry on its way to the log: a piece of a <see cref="CopyRing"/> with its header and data, as they will stand there. [W] Pooled by the ring.</summary>
sealed class PendingEntry
{
    /// <summary>Where it is in the ring.</summary>
    public int Offset;

    /// <summary>Length of header and data.</summary>
    public int ByteCount;

    /// <summary>Where on the device, in sectors.</summary>
    public ulong Sector;

    /// <summary>How much, in sectors.</summary>
    public ulong SectorCount;

    /// <summary>Of a write that has completed: how many had by then.</summary>
    public ulong Number;

    /// <summary>The super block is rewritten when this one is in the log: a FUA write or a mark.</summary>
    public bool IsCounted;

    /// <summary>The next one of a <see cref="PendingList"/>.</summary>
    public PendingEntry? Next;

    /// <summary>The one that got its piece of the ring after this one.</summary>
    public PendingEntry? Younger;

    public bool IsFree;

    /// <summary>Both write to the same sectors, or some of them.</summary>
    public bool Overlaps(PendingEntry other) => Sector < other.Sector + other.SectorCount && other.Sector < Sector + SectorCount;
}
