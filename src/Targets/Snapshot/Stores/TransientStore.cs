namespace Ublk.Targets.Snapshot;

/// <summary>
/// Store <c>N</c>: data chunks only, from the device's first sector on. What is where is known in memory and forgotten at the end.
/// </summary>
/// <remarks>Chunks are numbered from 1, as 0 is nowhere (<see cref="ChunkRun"/>).</remarks>
sealed class TransientStore(BackingDevice origin, BackingDevice cow, uint chunkSectors) : ExceptionStore(origin, cow, chunkSectors, isValid: true)
{
    ulong _nextFree = 1;

    public override bool IsPersistent => false;

    protected override ulong UsedSectors => CowSector(_nextFree);

    protected override ulong MetadataSectors => 0;

    protected override int BatchRoom => int.MaxValue;

    public override ulong CowSector(ulong cowChunk) => (cowChunk - 1) * ChunkSectors;

    protected override bool TryAllocate(out ulong cowChunk)
    {
        cowChunk = _nextFree;
        if (!Fits(cowChunk - 1))
            return false;
        _nextFree++;
        return true;
    }

    /// <summary>Nothing survives a crash, so nothing has to be durable, or in any order.</summary>
    protected override IoTask<Errno> Persist(TargetIo io, PendingQueue batch) => Errno.None;

    protected override IoTask<Errno> PersistInvalid(TargetIo io) => Errno.None;
}
