using System.Runtime.InteropServices;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>
/// Drains the workers' rings, brings the records into order, and hands them to whoever reads. [C] It runs while requests are recorded, every
/// 1 ms when many come and every 20 ms when few do; so a record is with its readers 20 ms after its request was done, unless an earlier request is
/// waited for (<see cref="RequestWindow.HoldNs"/>). Off, it costs nothing.
/// </summary>
sealed class RequestFeed(TimeProvider time, RequestLogSizes sizes, RequestLogFaults faults)
{
    const int ShortestMs = 1;
    const int LongestMs = 20;

    readonly Lock _lock = new();
    readonly RequestWindow _window = new(sizes.Window);
    readonly RequestHistory _history = new(sizes.History);
    readonly CancellationTokenSource _ending = new();

    // Of the drain alone.
    readonly List<RequestRecord> _ordered = [];
    readonly List<RequestRecord> _batch = [];

    RequestLogShard[] _shards = [];
    RequestReader[] _readers = [];
    readonly Queue<RequestRecord> _changes = [];
    Task _drain = Task.CompletedTask;
    volatile RequestFilter _filter = RequestFilter.Nothing;
    ulong _recorded;
    ulong _lost;

    public RequestLogSizes Sizes => sizes;

    public RequestSequence Sequence { get; } = new();

    /// <summary>[any thread] What is recorded.</summary>
    public RequestFilter Filter => _filter;

    /// <summary>Requests whose record was drained.</summary>
    public ulong RecordedCount => Volatile.Read(ref _recorded);

    /// <summary>Requests whose record did not fit into a worker's ring.</summary>
    public ulong LostCount => Volatile.Read(ref _lost);

    public int ReaderCount => Volatile.Read(ref _readers).Length;

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public ulong UnixNs => (ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>One more worker.</summary>
    public void Add(RequestLogShard shard)
    {
        lock (_lock)
            _shards = [.. _shards, shard];
    }

    /// <summary>Other requests are recorded from now on; every reader is told at which number.</summary>
    public void SetFilter(RequestFilter filter)
    {
        lock (_lock)
        {
            if (filter == _filter)
                return;
            _filter = filter;
            _changes.Enqueue(FilterRecord());
            if (_drain.IsCompleted && !_ending.IsCancellationRequested)
                _drain = DrainAsync();
        }
    }

    /// <summary>A reader that gets everything from now on, and first what is recorded.</summary>
    public void Add(RequestReader reader)
    {
        lock (_lock)
        {
            if (_ending.IsCancellationRequested)
                reader.End();
            reader.Put([FilterRecord()]);
            _readers = [.. _readers, reader];
        }
    }

    public void Remove(RequestReader reader)
    {
        lock (_lock)
            _readers = [.. _readers.Where(other => other != reader)];
        reader.End();
    }

    /// <summary>The last records that were handed on.</summary>
    public RequestRecord[] History()
    {
        lock (_lock)
            return _history.All();
    }

    /// <summary>When no request is under way any more: readers get the rest, and the end.</summary>
    public async ValueTask EndAsync()
    {
        _ending.Cancel();
        await _drain;
        foreach (RequestLogShard shard in _shards)
        {
            PopAll();
            shard.TellLost();
        }
        PopAll();
        HandOn(long.MaxValue);
        foreach (RequestReader reader in _readers)
            reader.End();
        _ending.Dispose();
    }

    async Task DrainAsync()
    {
        int pauseMs = ShortestMs;
        do
        {
            int count = Pop();
            HandOn(time.GetTimestamp());
            foreach (RequestLogShard shard in _shards)
            {
                if (shard.HasLost && (faults & RequestLogFaults.TellLostLate) == 0)
                    await shard.TellLostAsync();
            }
            pauseMs = count >= sizes.Ring / 8 ? ShortestMs : count < sizes.Ring / 16 ? Math.Min(2 * pauseMs, LongestMs) : pauseMs;
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(pauseMs), time, _ending.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
        while (IsNeeded());
    }

    /// <summary>Off, it goes on until everything that was recorded has come. Asked under the lock, so that a filter that is set meanwhile finds it running or ended.</summary>
    bool IsNeeded()
    {
        lock (_lock)
        {
            bool isNeeded = _filter.Ops != RecordOps.None || _changes.Count > 0 || _recorded + _lost != Sequence.Next || !_window.IsEmpty;
            if (!isNeeded)
                _drain = Task.CompletedTask;
            return isNeeded;
        }
    }

    void PopAll()
    {
        while (Pop() > 0)
        {
            // as much as fits into the window at a time
        }
    }

    /// <summary>Takes what the rings have, the lowest number first, but no more than the window holds before readers get theirs; how many.</summary>
    int Pop()
    {
        int count = 0;
        while (count < sizes.Window)
        {
            RequestRing? lowest = null;
            ulong least = ulong.MaxValue;
            foreach (RequestLogShard shard in _shards)
            {
                if (shard.Ring.TryPeek(out ulong sequence) && (lowest is null || sequence < least))
                    (lowest, least) = (shard.Ring, sequence);
            }
            if (lowest is null)
                return count;
            RequestRecord record = lowest.Pop();
            if (record.IsGap)
                _lost += record.LostCount;
            else
                _recorded++;
            if ((faults & RequestLogFaults.LatencyAtDrain) != 0)
                record = record with { LatencyNs = (ulong)time.GetTimestamp() - record.UnixNs };
            if ((faults & RequestLogFaults.KeepRingOrder) != 0)
                _ordered.Add(record);
            else
                _window.Add(record, _ordered);
            count++;
        }
        return count;
    }

    void HandOn(long nowNs)
    {
        _window.Release(nowNs, _ordered);
        ulong epochNs = UnixNs - (ulong)time.GetTimestamp();
        lock (_lock)
        {
            foreach (ref readonly RequestRecord record in CollectionsMarshal.AsSpan(_ordered))
            {
                while (_changes.TryPeek(out RequestRecord change) && change.Sequence <= record.Sequence)
                    _batch.Add(_changes.Dequeue());
                _batch.Add(record with { UnixNs = record.UnixNs + epochNs });
            }
            while (_changes.TryPeek(out RequestRecord change) && (change.Sequence <= _window.Next || _window.IsEmpty))
                _batch.Add(_changes.Dequeue());
            ReadOnlySpan<RequestRecord> batch = CollectionsMarshal.AsSpan(_batch);
            if (batch.Length > 0)
            {
                _history.Add(batch);
                foreach (RequestReader reader in _readers)
                    reader.Put(batch);
            }
        }
        _ordered.Clear();
        _batch.Clear();
    }

    /// <summary>What is recorded now, as a record.</summary>
    public RequestRecord FilterRecord() => new()
    {
        Kind = RecordKind.Filter,
        Ops = _filter.Ops,
        Sequence = Sequence.Next,
        UnixNs = UnixNs,
        Sector = _filter.First,
        SectorCount = _filter.End - _filter.First,
    };
}
