namespace Ublk;

/// <summary>
/// Something that runs on a worker. It stands in at most one list at a time: a wait list, the worker's ready list, or its mailbox.
/// </summary>
public abstract class IoStep
{
    internal IoStep? Next;

    /// <summary>[W] Runs it.</summary>
    protected internal abstract void Run();
}
