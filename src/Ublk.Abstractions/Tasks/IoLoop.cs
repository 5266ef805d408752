namespace Ublk;

/// <summary>
/// The ready list of the thread that runs it: completions put steps here, the worker's turn runs them, so that no target ever
/// runs on the stack of what completed. For the engine; no target needs it.
/// </summary>
public static class IoLoop
{
    [ThreadStatic]
    static IoStep? t_first;

    [ThreadStatic]
    static IoStep? t_last;

    /// <summary>True when nothing is ready.</summary>
    public static bool IsIdle => t_first is null;

    /// <summary>Appends one step.</summary>
    public static void Ready(IoStep step)
    {
        step.Next = null;
        Ready(step, step);
    }

    internal static void Ready(IoStep first, IoStep last)
    {
        if (t_last is null)
            t_first = first;
        else
            t_last.Next = first;
        t_last = last;
    }

    /// <summary>Takes the first ready step, for a caller that chooses the order itself (the simulator).</summary>
    public static IoStep? Pop()
    {
        if (t_first is not { } step)
            return null;
        if ((t_first = step.Next) is null)
            t_last = null;
        step.Next = null;
        return step;
    }

    /// <summary>Runs a step that was popped.</summary>
    public static void Run(IoStep step) => step.Run();

    /// <summary>Runs all that is ready and all that becomes ready meanwhile, in order.</summary>
    public static void RunReady()
    {
        while (Pop() is { } step)
            step.Run();
    }
}
