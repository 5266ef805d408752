namespace Ublk.Engine;

/// <summary>How much memory the tags of copy mode keep, all devices together. Any thread.</summary>
/// <param name="capBytes">What they may keep beyond a page each.</param>
sealed class CopyMemory(long capBytes)
{
    long _keptBytes;

    /// <summary>Kept now.</summary>
    public long KeptBytes => Volatile.Read(ref _keptBytes);

    /// <summary>What may still be kept within the cap.</summary>
    public long RoomBytes => capBytes - Volatile.Read(ref _keptBytes);

    /// <summary>A tag keeps more, or less.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _keptBytes, bytes);
}
