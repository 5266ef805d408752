namespace Ublk.Engine;

/// <summary>A look at what a device has done since it was made, and its live table's lines. Owned by who asked.</summary>
public sealed class DeviceStats
{
    const int StepLines = 256;

    /// <summary>Latencies take 8 KiB a line and worker: of a longer table only the device's are kept.</summary>
    const int MostWatchedLines = 256;

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

    /// <summary>Adds what one worker has counted, a few lines in each step: what else the worker has to do waits no longer than for these.</summary>
    internal async Task CollectAsync(Worker worker, CancellationToken ct)
    {
        var pass = new Pass(this, worker);
        while (!await worker.InvokeAsync<bool>(pass.Step).AsTask().WaitAsync(ct))
        {
        }
    }

    /// <summary>[W] One worker's counts, in steps.</summary>
    sealed class Pass(DeviceStats stats, Worker worker)
    {
        readonly Layer _layer = stats._stack.LayerOn(worker);
        LayerLine[]? _table;
        Traffic _counted;
        int _nextLine;
        int _nextEntry;

        /// <summary>True when it was the last.</summary>
        public IoTask<bool> Step()
        {
            if (_nextEntry == 0 && !CountDevice())
                return false;
            int end = Math.Min(_nextEntry + StepLines, stats._lines.Length);
            for (; _nextEntry < end; _nextEntry++)
            {
                // Of a table that is not in place any more, or not yet, it is the same: it counts nothing now.
                if (stats._entries[_nextEntry].LineOn(worker) is { } line)
                    stats._lines[_nextEntry].Add(line);
            }
            return end == stats._lines.Length;
        }

        bool CountDevice()
        {
            LayerLine[] lines = _layer.Lines;
            if (lines != _table)
            {
                // A swap moves what the lines before have counted to the device: from the beginning.
                _table = lines;
                _counted = _layer.Own;
                _nextLine = 0;
            }
            int end = Math.Min(_nextLine + StepLines, lines.Length);
            for (; _nextLine < end; _nextLine++)
            {
                lines[_nextLine].AddWholeTo(ref _counted);
                if (worker.IsWatched && lines.Length <= MostWatchedLines)
                    lines[_nextLine].Watch();
            }
            if (end < lines.Length)
                return false;
            stats._traffic.Add(_counted);
            _layer.AddTo(stats.Latencies, worker.IsWatched);
            return true;
        }
    }
}
