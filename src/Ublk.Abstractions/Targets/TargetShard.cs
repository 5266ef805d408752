namespace Ublk;

/// <summary>The data-plane half of a target on one worker. [W] Every member runs on that worker: no lock, no wait, no exception.</summary>
public abstract class TargetShard
{
    /// <summary>
    /// Takes one request: return an errno (done), an <c>async IoTask&lt;Errno&gt;</c> (done when that is), or
    /// <see cref="BlockRequest.Remap"/> (handed on). These are the only ways.
    /// </summary>
    public abstract MapResult Map(BlockRequest request);

    /// <summary>
    /// At a resume, before the first request: background work goes to <see cref="TargetIo.Spawn"/>. Also without a <see cref="Target.TakeOverAsync"/>
    /// before it, when a suspend was taken back (by a cut, or by a table that was refused): then all is as it was when it stopped.
    /// </summary>
    public virtual void Start()
    {
    }

    /// <summary>
    /// At a suspend, before the drain: stop background work and let go of what is held. A request that is held and has
    /// changed nothing may end with <see cref="Errno.Requeue"/>; with <paramref name="noFlush"/> any may.
    /// </summary>
    public virtual IoTask<Errno> Quiesce(bool noFlush) => Errno.None;

    /// <summary>At a suspend, after the drain: leave the disk clean.</summary>
    public virtual IoTask<Errno> Stop() => Errno.None;
}
