namespace Ublk.Engine;

/// <summary>Where requests come from: ublk, the load generator, the simulator. [W] One for each queue, on the worker that serves it.</summary>
public abstract class Front
{
    /// <summary>A request that this front started is over. It may be reused at once, but must not be started on this stack.</summary>
    public abstract void Complete(Request request, Errno result);
}
