using System.Collections.Immutable;

namespace Ublk.Targets.Log;

/// <summary>
/// What is known of a tracked device: of the open epoch, of those before, who reads, and where the disk has it. It belongs to the worker while the
/// target runs, and to the control plane while it does not.
/// </summary>
sealed class TrackMap(TrackGeometry geometry) : IDisposable
{
    public TrackGeometry Geometry => geometry;

    /// <summary>Never used before, on this map or an earlier one of the device.</summary>
    public required ulong OpenEpoch { get; set; }

    public required BlockStates Open { get; set; }

    /// <summary>The epoch before, as long as it is not in the history yet; null: it is.</summary>
    public BlockStates? Closed { get; set; }

    public required EpochHistory History { get; set; }

    public ImmutableArray<TrackReader> Readers { get; set; } = [];

    /// <summary>What the device held in places.</summary>
    public uint[] Samples { get; set; } = new uint[DeviceSamples.Count];

    /// <summary>Bit i: in the epochs that were closed since, nobody wrote where sample i was taken.</summary>
    public ulong UnwrittenSamples { get; set; }

    /// <summary>Where the journal is; unused without metadata.</summary>
    public JournalPosition Position { get; set; }

    /// <summary>What the disk has of it is not to be believed, or not to be relied on: the next round of the journal writes all of it.</summary>
    public bool IsAheadOfDisk { get; set; }

    /// <summary>A map of a device of which nothing is known. Epochs begin with the time in microseconds, so that no number of an earlier map comes again.</summary>
    public static TrackMap New(TrackGeometry geometry, DateTimeOffset now, string reason, ulong atLeast = 0)
    {
        ulong floor = Math.Max((ulong)Math.Max((now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, 0), atLeast);
        return new TrackMap(geometry)
        {
            OpenEpoch = floor + 1,
            Open = new BlockStates(geometry),
            History = new EpochHistory(floor, reason, []),
        };
    }

    /// <summary>The open epoch is closed, and another opens.</summary>
    public void Close(ulong epoch, BlockStates next)
    {
        for (int i = 0; i < DeviceSamples.Count; i++)
        {
            if (!DeviceSamples.IsUnwritten(Open, i))
                UnwrittenSamples &= ~(1UL << i);
        }
        Closed = Open;
        Open = next;
        OpenEpoch = epoch + 1;
    }

    /// <summary>Everything may have changed: nothing before now can be asked about. Readers stay, and begin anew.</summary>
    public void Forget(string reason)
    {
        History = new EpochHistory(OpenEpoch, reason, []);
        OpenEpoch++;
        Open.Dispose();
        Open = new BlockStates(Geometry);
        Closed?.Dispose();
        Closed = null;
    }

    /// <summary>Frees the marks.</summary>
    public void Dispose()
    {
        Open.Dispose();
        Closed?.Dispose();
    }

    /// <summary>The readers with one changed or added.</summary>
    public static ImmutableArray<TrackReader> With(ImmutableArray<TrackReader> readers, TrackReader reader)
    {
        for (int i = 0; i < readers.Length; i++)
        {
            if (readers[i].Name == reader.Name)
                return readers.SetItem(i, reader);
        }
        return readers.Add(reader);
    }
}
