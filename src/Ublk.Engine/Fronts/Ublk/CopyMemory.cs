namespace Ublk.Engine;

/// <summary>How much memory the tags of copy mode keep, all devices together. Any thread.</summary>
/// <param name="capBytes">What they may keep beyond a page each.</param>
sealed class CopyMemory(long capBytes)
{
    long _keptBytes;

    /// <summary>More is kept than the cap allows.</summary>
    public bool IsOver => Volatile.Read(ref _keptBytes) > capBytes;

    /// <summary>Kept now.</summary>
    public long KeptBytes => Volatile.Read(ref _keptBytes);

    /// <summary>True when so much more stays within the cap.</summary>
    public bool HasRoom(int bytes) => Volatile.Read(ref _keptBytes) + bytes <= capBytes;

    /// <summary>A tag keeps more, or less.</summary>
    public void Add(int bytes) => Interlocked.Add(ref _keptBytes, bytes);
}
