namespace Ublk.Engine;

/// <summary>A look at what a device has done since it was made, and its live table's lines. Owned by who asked.</summary>
public sealed class DeviceStats
{
    readonly StackedDevice _stack;
    readonly IReadOnlyList<TableEntry> _entries;
    readonly LineStats[] _lines;
    Traffic _traffic;

    internal DeviceStats(StackedDevice stack, Table? live)
    {
        _stack = stack;
        _entries = live?.Entries ?? [];
        _lines = [.. _entries.Select(entry => new LineStats(entry.Start, entry.Target.SectorCount, entry.TypeName))];
        StandsOn = [.. (live?.Lower ?? []).Select(lower => lower.Name).Distinct()];
    }

    /// <summary>The device's name.</summary>
    public string Name => _stack.Name;

    /// <summary>Devices of ours that its live table stands on.</summary>
    public IReadOnlyList<string> StandsOn { get; }

    /// <summary>Of the requests that came to the device, each once.</summary>
    public Traffic Traffic => _traffic;

    /// <summary>Of the same: how long since they came to the device, or to the one that hands on to it.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>The lines of the live table.</summary>
    public IReadOnlyList<LineStats> Lines => _lines;

    /// <summary>[W] Adds what one worker has counted.</summary>
    internal void Collect(Worker worker)
    {
        Layer layer = _stack.LayerOn(worker);
        layer.AddTo(ref _traffic, Latencies, worker.IsWatched);
        for (int i = 0; i < _lines.Length; i++)
        {
            // Of a table that is not in place any more, or not yet, it is the same: it counts nothing now.
            if (_entries[i].LineOn(worker) is { } line)
                _lines[i].Add(line);
        }
    }
}
