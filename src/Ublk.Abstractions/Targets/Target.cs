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

    /// <summary>
    /// [C] Before a resume, while nothing of the device runs: reads, checks, and reserves what only one may have. Throwing refuses the
    /// resume and says why; then nothing is reserved.
    /// <para>
    /// A resume calls, each step on all lines before the next: <see cref="PrepareAsync"/>, <see cref="Open"/> (of a new table),
    /// <see cref="TakeOverAsync"/>, <see cref="ReplacedAsync"/> (on the lines of the table before, if there is one),
    /// <see cref="TargetShard.Start"/>. Up to the take-over any line may refuse, and the table before goes on with what it has: so
    /// nothing is written to a device before it, and nothing is taken from the table that is live.
    /// </para>
    /// </summary>
    public virtual ValueTask PrepareAsync(CancellationToken ct) => default;

    /// <summary>
    /// [C] Another line has refused the resume for which this one had prepared: lets go of what <see cref="PrepareAsync"/> has reserved.
    /// The target may be prepared again later, or disposed.
    /// </summary>
    public virtual void Withdraw()
    {
    }

    /// <summary>
    /// [C] Every line of the table has prepared, and the resume is not refused any more: takes over from the target before, and writes what
    /// has to be on a device before the first request. What cannot be written leaves the line degraded, with an event; it does not throw.
    /// The lines of a table take over one after the other, in no order that a target may rely on.
    /// </summary>
    public virtual ValueTask TakeOverAsync() => default;

    /// <summary>
    /// [C] This target was live, has stopped, and another table has taken over the device; its requests begin when this has returned.
    /// Nobody who did not take over from this target in <see cref="TakeOverAsync"/> will. Disposed next. Not called when the device is
    /// removed.
    /// </summary>
    public virtual ValueTask ReplacedAsync() => default;

    /// <summary>Releases what the target itself made. Its devices are closed by the engine.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }
}
