namespace Ublk.Targets.Snapshot;

/// <summary>[W] What snapshot and snapshot-merge have in common: they have the store, until an heir takes it over.</summary>
abstract class StoreShard(TargetIo io, LiveStores.Lease lease) : TargetShard
{
    /// <summary>A merge could not do a step.</summary>
    public virtual bool HasFailed => false;

    /// <summary>What the snapshot was cannot be known here any more.</summary>
    protected bool IsInvalid => lease.IsLost || !Store.IsValid;

    protected TargetIo Io => io;

    protected ExceptionStore Store { get; } = lease.Store;

    public sealed override void Start()
    {
        if (lease.Start())
            Begin();
    }

    public override IoTask<Errno> Stop()
    {
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

    /// <summary>At each resume.</summary>
    protected abstract void Begin();

    /// <summary>Lets go of a store that nobody takes over.</summary>
    protected abstract IoTask<Errno> End();
}
