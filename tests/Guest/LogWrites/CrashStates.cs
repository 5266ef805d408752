namespace Ublk.Guest.Tests.LogWrites;

/// <summary>
/// Rebuilds what a power failure could have left of a disk with an origin and the COW store of its snapshot, from a log of what
/// reached the disk, and looks whether origin and snapshot hold what they may.
/// <para>
/// A flush in the log makes what stands before it durable. Between two flushes the log has FUA writes, in the order in which they
/// completed, and then the other writes that the second flush took with it. So a failure there leaves: what the first flush made
/// durable; FUA writes up to one of them, and any sectors of that one; or all of them and, before the second flush has done its work,
/// any sectors of the others.
/// </para>
/// </summary>
sealed class CrashStates
{
    const int SectorBytes = 512;
    const int SnapshotDevice = 0;
    const int OriginDevice = 1;

    readonly byte[] _disk;
    readonly List<LogEntry> _log;
    readonly WriteJournal _journal;
    readonly int _originSectors;
    readonly int _chunkSectors;
    readonly long[] _chunkOf;
    readonly Random _random;
    readonly Stack<(int At, byte[] Bytes)> _undo = new();

    /// <param name="folder">What a run of scenario 48 left.</param>
    /// <param name="seed">Chooses what is lost and torn.</param>
    /// <param name="forgetFlushes">Read the log as if it had no flushes: then the disk was free to do what it must not.</param>
    public CrashStates(string folder, int seed, bool forgetFlushes = false)
    {
        int[] layout = [.. File.ReadAllText(Path.Combine(folder, "layout")).Split(' ').Select(int.Parse)];
        (_originSectors, _chunkSectors) = (layout[0], layout[2]);
        _disk = File.ReadAllBytes(Path.Combine(folder, "base"));
        if (_disk.Length != (layout[0] + layout[1]) * SectorBytes)
            throw new InvalidDataException($"{folder}/base has {_disk.Length} bytes, not {layout[0]} and {layout[1]} sectors");
        _log = LogWritesLog.Read(File.ReadAllBytes(Path.Combine(folder, "log")));
        if (forgetFlushes)
            _log = [.. _log.Where(entry => !entry.Is(LogFlags.Flush) || entry.SectorCount > 0).Select(entry => entry with { Flags = entry.Flags & ~LogFlags.Flush })];
        _journal = new(Path.Combine(folder, "journal"), _originSectors, devices: 2);
        _chunkOf = new long[_originSectors / _chunkSectors];
        _random = new(seed);
    }

    /// <summary>States that were looked at.</summary>
    public int Count { get; private set; }

    /// <summary>Those that are not legal.</summary>
    public int IllegalCount { get; private set; }

    /// <summary>The first of them.</summary>
    public string? FirstIllegal { get; private set; }

    /// <summary>Syncs whose mark the log has.</summary>
    public int SyncCount { get; private set; }

    /// <summary>Chunks that have an exception in the end.</summary>
    public int ExceptionCount => _chunkOf.Count(chunk => chunk != 0);

    /// <summary>Writes to the snapshot and to the origin.</summary>
    public (int Snapshot, int Origin) Writes => (_journal.WritesOf(SnapshotDevice), _journal.WritesOf(OriginDevice));

    /// <summary>Goes through the whole log.</summary>
    /// <param name="mostTears">How often each FUA write is torn.</param>
    /// <param name="losses">How many choices of lost and torn writes there are in all at least, spread over the flushes.</param>
    /// <param name="untilIllegal">The first state that is not legal is enough.</param>
    public void Run(int mostTears, int losses, bool untilIllegal = false)
    {
        int lossesEach = losses / Math.Max(1, FlushesOfSomething()) + 1;
        var pending = new List<LogEntry>();
        for (int i = 0; i < _log.Count; i++)
        {
            if (untilIllegal && IllegalCount > 0)
                return;
            LogEntry entry = _log[i];
            if (entry.Is(LogFlags.Discard))
                throw new InvalidDataException($"entry {i} is a discard, and nobody discards here");
            if (entry.Is(LogFlags.Mark))
            {
                SyncCount += _journal.Pass(entry.Mark) ? 1 : 0;
                Check($"at mark {entry.Mark}, entry {i}");
                continue;
            }
            if (entry.Is(LogFlags.Flush))
            {
                Settle(pending, lossesEach, i);
                Check($"after the flush that is entry {i}");
            }
            if (entry.SectorCount == 0)
                continue;
            if (entry.Is(LogFlags.Fua))
            {
                Tear(entry, Math.Min(mostTears, entry.SectorCount - 1), i);
                Apply(entry);
                Check($"after the FUA write that is entry {i}");
            }
            else
            {
                pending.Add(entry);
            }
        }
        Settle(pending, lossesEach, _log.Count);
        Check("at the end");
    }

    int FlushesOfSomething()
    {
        int count = 0;
        bool some = false;
        foreach (LogEntry entry in _log)
        {
            count += some && entry.Is(LogFlags.Flush) ? 1 : 0;
            some = (some && !entry.Is(LogFlags.Flush)) || (entry.SectorCount > 0 && !entry.Is(LogFlags.Fua));
        }
        return count + (some ? 1 : 0);
    }

    void Tear(LogEntry entry, int times, int at)
    {
        for (; times > 0; times--)
        {
            ApplySome(entry);
            Check($"entry {at}, a FUA write, torn");
            Undo();
        }
    }

    /// <summary>Loses and tears what is not durable before a flush, and then makes it durable.</summary>
    void Settle(List<LogEntry> pending, int losses, int at)
    {
        for (; losses > 0 && pending.Count > 0; losses--)
        {
            // Some up to a moment, or any of them.
            int kept = _random.Next(2) == 0 ? _random.Next(pending.Count) : -1;
            for (int i = 0; i < pending.Count; i++)
            {
                int fate = i < kept ? 0 : kept >= 0 && i > kept ? 1 : _random.Next(3);
                if (fate == 0)
                    ApplySome(pending[i], all: true);
                else if (fate == 2)
                    ApplySome(pending[i]);
            }
            Check($"{pending.Count} writes before entry {at}, {(kept < 0 ? "some" : $"those after the {kept}th")} lost or torn");
            Undo();
        }
        pending.ForEach(Apply);
        pending.Clear();
    }

    void Apply(LogEntry entry) => entry.Data.Span.CopyTo(_disk.AsSpan((int)entry.Sector * SectorBytes));

    /// <summary>Any sectors of a write, or all, until <see cref="Undo"/>.</summary>
    void ApplySome(LogEntry entry, bool all = false)
    {
        for (int i = 0; i < entry.SectorCount; i++)
        {
            if (!all && _random.Next(2) == 0)
                continue;
            Span<byte> sector = _disk.AsSpan((int)(entry.Sector + i) * SectorBytes, SectorBytes);
            _undo.Push(((int)(entry.Sector + i) * SectorBytes, sector.ToArray()));
            entry.Data.Span.Slice(i * SectorBytes, SectorBytes).CopyTo(sector);
        }
    }

    void Undo()
    {
        while (_undo.TryPop(out (int At, byte[] Bytes) was))
            was.Bytes.CopyTo(_disk, was.At);
    }

    void Check(string state)
    {
        Count++;
        if (Fault() is not { } fault)
            return;
        IllegalCount++;
        FirstIllegal ??= $"{state}: {fault}";
    }

    string? Fault()
    {
        ReadOnlySpan<byte> store = _disk.AsSpan(_originSectors * SectorBytes);
        if (CowStore.Load(store, _chunkSectors, _chunkOf) is { } fault)
            return fault;
        for (int sector = 0; sector < _originSectors; sector++)
        {
            ReadOnlySpan<byte> origin = _disk.AsSpan(sector * SectorBytes, SectorBytes);
            if (_journal.Fault(OriginDevice, sector, origin) is { } wrong)
                return $"sector {sector} of the origin {wrong}";
            long chunk = _chunkOf[sector / _chunkSectors];
            long copy = chunk * _chunkSectors + sector % _chunkSectors;
            ReadOnlySpan<byte> snapshot = chunk == 0 ? origin : store.Slice((int)copy * SectorBytes, SectorBytes);
            if (_journal.Fault(SnapshotDevice, sector, snapshot) is { } other)
                return $"sector {sector} of the snapshot, {(chunk == 0 ? "on the origin" : $"in chunk {chunk} of the store")}, {other}";
        }
        return null;
    }
}
