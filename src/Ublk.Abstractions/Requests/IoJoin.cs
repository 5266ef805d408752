namespace Ublk;

/// <summary>Waits for several operations and says which failed. [W] Use once: Add up to 64, then await <see cref="All"/>.</summary>
public abstract class IoJoin
{
    /// <summary>Adds the next leg.</summary>
    public abstract void Add(IoTask<Errno> leg);

    /// <summary>Done when every leg is.</summary>
    public abstract IoTask<Joined> All { get; }
}
