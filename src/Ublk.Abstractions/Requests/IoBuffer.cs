namespace Ublk;

/// <summary>Memory rented from a target's budget. [W] Disposing returns it and lets the next waiter go on.</summary>
public abstract class IoBuffer : IDisposable
{
    /// <summary>The memory: page aligned, of the length that was asked for, content undefined.</summary>
    public abstract IoBytes Data { get; }

    /// <summary>Gives the memory back.</summary>
    public abstract void Dispose();
}
