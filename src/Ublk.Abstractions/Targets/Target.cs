namespace Ublk;

/// <summary>One table line, constructed. [C] The control-plane half of a target; the data-plane half is <see cref="TargetShard"/>.</summary>
public abstract class Target : IAsyncDisposable
{
    /// <summary>Length in sectors.</summary>
    public abstract ulong SectorCount { get; }

    /// <summary>
    /// What it implements; everything else is refused with EOPNOTSUPP before <see
    /// cref="TargetShard.Map"/>. A target without <see cref="BlockOps.Flush"/> says that it keeps
    /// nothing in a cache, and no target that it hands writes to does: flushes are done before it
    /// sees them.
    /// </summary>
    public abstract BlockOps Ops { get; }

    /// <summary>The arguments as <c>table</c> prints them; constructing from them gives the same target.</summary>
    public abstract string Table { get; }

    /// <summary>
    /// Where state lives. Null: stateless, one shard on each worker. Otherwise one shard, and targets whose homes are equal
    /// share one worker, so that what they share needs no lock.
    /// </summary>
    public virtual object? Home => null;

    /// <summary>
    /// True when shards look at the bytes of requests, or move them against their direction: the bytes of a read to another device, as a
    /// repair does. Otherwise requests may be registered buffers, which are one-way, and looking at them throws.
    /// </summary>
    public virtual bool SeesData => false;

    /// <summary>Makes the data-plane half for one worker. Called on the control plane before the first request.</summary>
    public abstract TargetShard Open(TargetIo io);

    /// <summary>
    /// Tightens the limits that the line's devices gave. Called at every resume, more than once. No request reaches <see cref="TargetShard.Map"/>
    /// that is longer or crosses more than what is set here; what the devices gave is only told to the kernel, which splits by it.
    /// </summary>
    public virtual void Limit(ref BlockLimits limits)
    {
    }

    /// <summary>The dm status (INFO) line's parameters.</summary>
    public virtual ValueTask<string> InfoAsync(CancellationToken ct) => new("");

    /// <summary>Facts for people, JSON and metrics.</summary>
    public virtual ValueTask<StatusField[]> DescribeAsync(CancellationToken ct) => new([]);

    /// <summary>Answers a message; the reply may be empty.</summary>
    /// <exception cref="TableException">The message is not understood.</exception>
    public virtual ValueTask<string> MessageAsync(string[] words, CancellationToken ct) =>
        throw new TableException(0, "this target takes no messages");

    /// <summary>
    /// Answers a message whose answer is long, or goes on while the device lives. What must be taken at one moment is taken before this returns; the
    /// pieces are pulled afterwards, by any thread, while other operations go on, and also when the target is gone: then they end. A piece
    /// may be used until the next is asked for. Ends early when <paramref name="ct"/> says so.
    /// </summary>
    /// <exception cref="TableException">The message is not understood.</exception>
    public virtual ValueTask<IAsyncEnumerable<ReadOnlyMemory<byte>>> StreamAsync(string[] words, CancellationToken ct) =>
        throw new TableException(0, "this target has nothing to stream");

    /// <summary>
    /// [C] A device of the line <see cref="BackingDevice.HasShrunk"/>, or its <see cref="BackingDevice.MissingSectors"/> are others: which
    /// one is for the target to see. The engine has raised the event of a device that has shrunk, says so in the status, and fails what
    /// goes behind the end; a target overrides this if what it knows of the device is not worth anything any more. Called while no
    /// other operation on the device is under way, before the first resume too.
    /// </summary>
    public virtual ValueTask NoticeAsync(CancellationToken ct) => default;

    /// <summary>Before a resume, while nothing runs. Throwing refuses the resume and says why.</summary>
    public virtual ValueTask PrepareAsync(CancellationToken ct) => default;

    /// <summary>Releases what the target itself made. Its devices are closed by the engine.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }
}
