namespace Ublk.Engine;

/// <summary>
/// A backing device whose I/O leaves the process through the <see cref="Ring"/>. It keeps its end: a request that goes behind it is
/// refused before it reaches the ring, since a write behind the end of a file that was cut short would make it long again.
/// </summary>
public abstract class LeafDevice : BackingDevice
{
    ulong _endSector;
    ulong _sectorsBefore;
    volatile bool _hasShrunk;

    /// <summary>A device of this length.</summary>
    protected LeafDevice(ulong sectorCount) => _endSector = sectorCount;

    /// <summary>[any thread] The sector behind its last, as far as is known: one read, for the data path.</summary>
    public ulong EndSector => Volatile.Read(ref _endSector);

    /// <inheritdoc/>
    /// <remarks>Asks the system, and keeps what it says: a device that has grown can be used up to its new end from then on.</remarks>
    public sealed override ulong SectorCount
    {
        get
        {
            while (true)
            {
                // The end was read before the size is asked for, so a smaller size is one that came later.
                ulong end = EndSector;
                if (MeasureSectors() is not { } now || now == end || (now > end && _hasShrunk) || TrySetEnd(end, now))
                    return EndSector;
            }
        }
    }

    /// <inheritdoc/>
    public sealed override bool HasShrunk => _hasShrunk;

    /// <summary>[any thread] How long it was before it shrank.</summary>
    public ulong SectorsBefore => Volatile.Read(ref _sectorsBefore);

    /// <summary>[C] Who uses it was told that it has shrunk.</summary>
    internal bool IsToldShrunk { get; set; }

    /// <summary>[C] Who uses it was told of the room under it, and what else people should know, as the last look found it.</summary>
    internal bool IsToldRoom { get; set; } = true;

    /// <summary>[any thread] A transfer found that the device ends at a sector before the end that was known.</summary>
    public void EndsAt(ulong sector)
    {
        ulong end;
        while (sector < (end = EndSector) && !TrySetEnd(end, sector))
        {
        }
    }

    /// <summary>[C] Looks for another <see cref="BackingDevice.MissingSectors"/>, and what else people should know; true: it has changed.</summary>
    internal virtual ValueTask<bool> LookAtRoomAsync() => new(false);

    /// <summary>[any thread] What the system says of its length now; null: nothing, or nothing that can be.</summary>
    protected abstract ulong? MeasureSectors();

    bool TrySetEnd(ulong end, ulong sector)
    {
        if (sector < end && !_hasShrunk)
        {
            Volatile.Write(ref _sectorsBefore, end);
            _hasShrunk = true;
        }
        return Interlocked.CompareExchange(ref _endSector, sector, end) == end;
    }
}
