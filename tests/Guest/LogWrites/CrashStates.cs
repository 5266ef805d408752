using Ublk.Formats.LogWrites;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>
/// Rebuilds what a power failure could have left of a disk, from a log of what reached it, and asks a judge whether that is legal.
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

    readonly byte[] _disk;
    readonly List<LogEntry> _log;
    readonly int _first;
    readonly ICrashJudge _judge;
    readonly Random _random;
    readonly Stack<(int At, byte[] Bytes)> _undo = new();
    bool _looks;

    /// <param name="folder">What a run left: the disk before, and the log.</param>
    /// <param name="judge">Knows what the run did, and what must be there.</param>
    /// <param name="seed">Chooses what is lost and torn.</param>
    /// <param name="from">The power does not fail before this mark. Null: it may from the start.</param>
    /// <param name="forgetFlushes">Read the log as if it had no flushes from there on: then the disk was free to do what it must not.</param>
    public CrashStates(string folder, ICrashJudge judge, int seed, string? from = null, bool forgetFlushes = false)
    {
        _judge = judge;
        _disk = File.ReadAllBytes(Path.Combine(folder, "base"));
        if (_disk.Length != judge.SectorCount * SectorBytes)
            throw new InvalidDataException($"{folder}/base has {_disk.Length} bytes, not {judge.SectorCount} sectors");
        _log = LogEntry.ReadAll(File.ReadAllBytes(Path.Combine(folder, "log")));
        _first = from is null ? 0 : _log.FindIndex(entry => entry.Mark == from);
        if (_first < 0)
            throw new InvalidDataException($"{folder}/log has no mark {from}");
        if (forgetFlushes)
            _log = [.. _log.Take(_first), .. _log.Skip(_first).Select(entry => entry with { Flags = entry.Flags & ~LogWritesFlags.Flush })];
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
            _looks = i >= _first;
            LogEntry entry = _log[i];
            if (entry.Is(LogWritesFlags.Discard))
                throw new InvalidDataException($"entry {i} is a discard, and nobody discards here");
            if (entry.Is(LogWritesFlags.Mark))
            {
                SyncCount += _judge.Pass(entry.Mark) ? 1 : 0;
                Check($"at mark {entry.Mark}, entry {i}");
                continue;
            }
            if (entry.Is(LogWritesFlags.Flush))
            {
                Settle(pending, lossesEach, i);
                Check($"after the flush that is entry {i}");
            }
            if (entry.SectorCount == 0)
                continue;
            if (entry.Is(LogWritesFlags.Fua))
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
        foreach (LogEntry entry in _log.Skip(_first))
        {
            count += some && entry.Is(LogWritesFlags.Flush) ? 1 : 0;
            some = (some && !entry.Is(LogWritesFlags.Flush)) || (entry.SectorCount > 0 && !entry.Is(LogWritesFlags.Fua));
        }
        return count + (some ? 1 : 0);
    }

    void Tear(LogEntry entry, int times, int at)
    {
        for (; times > 0 && _looks; times--)
        {
            ApplySome(entry);
            Check($"entry {at}, a FUA write, torn");
            Undo();
        }
    }

    /// <summary>Loses and tears what is not durable before a flush, and then makes it durable.</summary>
    void Settle(List<LogEntry> pending, int losses, int at)
    {
        for (; losses > 0 && pending.Count > 0 && _looks; losses--)
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
        if (!_looks)
            return;
        Count++;
        if (_judge.Fault(_disk) is not { } fault)
            return;
        IllegalCount++;
        FirstIllegal ??= $"{state}: {fault}";
    }
}
