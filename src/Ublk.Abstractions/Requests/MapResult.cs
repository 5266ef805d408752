namespace Ublk;

/// <summary>
/// What <see cref="TargetShard.Map"/> made of a request: done with an errno, done when a task is, or handed on by
/// <see cref="BlockRequest.Remap"/>. The engine completes the request from this value, so nothing can complete it twice or never.
/// </summary>
public readonly struct MapResult
{
    /// <summary>Done when <paramref name="task"/> is, or handed on.</summary>
    public MapResult(IoTask<Errno> task, bool handedOn = false)
    {
        Task = task;
        HandedOn = handedOn;
    }

    /// <summary>The request's result, unless <see cref="HandedOn"/>.</summary>
    public IoTask<Errno> Task { get; }

    /// <summary>True when the request was remapped.</summary>
    public bool HandedOn { get; }

    /// <summary>Done, with this result.</summary>
    public static implicit operator MapResult(Errno result) => new(result);

    /// <summary>Done when the task is, with its result.</summary>
    public static implicit operator MapResult(IoTask<Errno> task) => new(task);
}
