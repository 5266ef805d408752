namespace Ublk.Targets.Snapshot;

/// <summary>What an exception store says about itself.</summary>
/// <param name="IsValid">False once it lost track of what the snapshot was.</param>
/// <param name="IsOverflowed">A write found no room, and the snapshot cannot be written any more.</param>
/// <param name="UsedSectors">Allocated, with the metadata.</param>
/// <param name="MetadataSectors">Of these, header and areas.</param>
/// <param name="ExceptionCount">Chunks that have a copy.</param>
/// <param name="TableBytes">Memory of the table of exceptions.</param>
readonly record struct StoreStatus(bool IsValid, bool IsOverflowed, ulong UsedSectors, ulong MetadataSectors, ulong ExceptionCount, long TableBytes)
{
    /// <summary>How fast it fills, over about the last minute.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>At which levels an event is raised; null: not known before the first resume.</summary>
    public IReadOnlyList<int>? LowSpacePercents { get; init; }

    /// <summary>How long writers that find no room are held; 0: not at all.</summary>
    public int HoldMs { get; init; }
}
