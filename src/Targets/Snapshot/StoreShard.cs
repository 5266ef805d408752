namespace Ublk.Targets.Snapshot;

/// <summary>[W] What snapshot and snapshot-merge have in common: they have the store, until an heir takes it over.</summary>
abstract class StoreShard(TargetIo io, LiveStores.Lease lease, OriginSnapshots siblings) : TargetShard
{
    bool _isDraining;

    /// <summary>A merge could not do a step.</summary>
    public virtual bool HasFailed => false;

    /// <summary>What the snapshot was cannot be known here any more.</summary>
    protected bool IsInvalid => lease.IsLost || !Store.IsValid;

    protected TargetIo Io => io;

    protected OriginSnapshots Siblings => siblings;

    protected ExceptionStore Store { get; } = lease.Store;

    public sealed override void Start()
    {
        siblings.SetDraining(ref _isDraining, false);
        if (lease.Start())
            Begin();
    }

    public sealed override IoTask<Errno> Quiesce(bool noFlush)
    {
        siblings.SetDraining(ref _isDraining, true);
        LetGo();
        return Errno.None;
    }

    public sealed override IoTask<Errno> Stop()
    {
        siblings.SetDraining(ref _isDraining, false);
        lease.Stop();
        return Errno.None;
    }

    /// <summary>The target is gone, with all its requests.</summary>
    public IoTask<Errno> Leave()
    {
        if (lease.IsLost || !lease.IsActive)
            return Errno.None;
        lease.Resign();
        return End();
    }

    protected void NoteWrite(BlockRequest request, ulong chunk) =>
        Store.NoteWrite(chunk, request.Sector % Store.ChunkSectors + request.SectorCount);

    /// <summary>At each resume.</summary>
    protected abstract void Begin();

    /// <summary>At each suspend, before the drain.</summary>
    protected abstract void LetGo();

    /// <summary>Lets go of a store that nobody takes over.</summary>
    protected abstract IoTask<Errno> End();
}
