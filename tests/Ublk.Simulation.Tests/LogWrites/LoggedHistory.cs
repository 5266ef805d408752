using Ublk.Formats.LogWrites;

namespace Ublk.Simulation.Tests;

/// <summary>
/// What users of a device were told and when, and whether its log may look as it does then. Times are steps of one counter; a user's "issued" is
/// early and "answered" late, so that what follows from them is certain.
/// </summary>
sealed class LoggedHistory
{
    const string EndMark = "dm-log-writes-end";

    readonly Dictionary<ulong, Event> _writes = [];
    readonly List<Event> _flushes = [];
    readonly Dictionary<string, Event> _marks = new(StringComparer.Ordinal);
    readonly List<Oracle> _atFlush = [];
    int _now;

    public sealed class Event
    {
        public required int IssuedAt { get; init; }

        public int AnsweredAt { get; set; } = int.MaxValue;

        public bool IsDurable { get; init; }

        /// <summary>Of a write: flushes that were at the disk when it was issued.</summary>
        public long FlushesBefore { get; init; }
    }

    /// <summary>Marks that are durable.</summary>
    public int MarksDone { get; private set; }

    public Event Write(IEnumerable<ulong> stamps, bool isDurable, long flushesBefore)
    {
        var write = new Event { IssuedAt = _now++, IsDurable = isDurable, FlushesBefore = flushesBefore };
        foreach (ulong stamp in stamps)
            _writes.Add(stamp, write);
        return write;
    }

    public Event Flush()
    {
        var flush = new Event { IssuedAt = _now++, IsDurable = true };
        _flushes.Add(flush);
        return flush;
    }

    public Event Mark(string text)
    {
        var mark = new Event { IssuedAt = _now++, IsDurable = true };
        _marks.Add(text, mark);
        return mark;
    }

    public void Answered(Event one) => one.AnsweredAt = _now++;

    public void MarkAnswered(Event mark)
    {
        Answered(mark);
        MarksDone++;
    }

    /// <summary>What the device must hold when its log is replayed to this flush.</summary>
    public void FlushAnswered(Event flush, Oracle oracle)
    {
        Answered(flush);
        _atFlush.Add(oracle);
    }

    /// <summary>A log after a crash: all that its super block counts is there, whole, and once; null: it is.</summary>
    public string? CheckCrashed(byte[] log)
    {
        if (!LogWritesSuper.HasMagic(log))
            return log.AsSpan().ContainsAnyExcept((byte)0) ? "the log has no super block" : null;
        var seen = new HashSet<ulong>();
        int marks = 0;
        try
        {
            var reader = new LogWritesReader(new MemoryStream(log), log.Length);
            while (reader.Next())
            {
                marks += reader.Entry.Is(LogWritesFlags.Mark) ? 1 : 0;
                foreach (ulong stamp in StampsOf(reader))
                {
                    if (!_writes.ContainsKey(stamp))
                        return $"entry {reader.Entry.Number} has {stamp:x}, which nobody wrote";
                    if (!seen.Add(stamp))
                        return $"entry {reader.Entry.Number} has {stamp:x}, which another has";
                }
            }
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
        return marks < MarksDone ? $"the log has {marks} marks, and {MarksDone} were sent" : null;
    }

    /// <summary>A whole log: every write once, in an order that its users may believe; null: it is.</summary>
    /// <param name="log">What is on the log device.</param>
    /// <param name="image">What the device held before; what it holds in the end after.</param>
    /// <param name="hasEarly">Writes may have been logged for want of memory.</param>
    /// <param name="isAlone">There was one flush at a time, so it is known which one an entry is.</param>
    /// <param name="replayed">Counts flushes whose image was checked.</param>
    public string? CheckWhole(byte[] log, byte[] image, bool hasEarly, bool isAlone, Sighting replayed)
    {
        var places = new Dictionary<ulong, ulong>();
        var durable = new List<(Event Event, ulong Entry)>();
        var plain = new List<(Event Write, ulong Entry)>();
        LogWritesEntry before = default;
        int flushes = 0;
        var reader = new LogWritesReader(new MemoryStream(log), log.Length);
        while (reader.Next())
        {
            LogWritesEntry entry = reader.Entry;
            if (IsPlain(before) && !IsPlain(entry))
            {
                bool isOlder = entry.Is(LogWritesFlags.Fua) && before.Start < entry.Start + entry.Length && entry.Start < before.Start + before.Length;
                if (!isOlder && !hasEarly && !entry.Is(LogWritesFlags.Flush) && entry.Mark != EndMark)
                    return $"entry {before.Number}, a plain write, is followed by {entry.Flags} in entry {entry.Number}, not by the flush that covers it";
                if (!isOlder && isAlone && plain.Find(one => one.Write.FlushesBefore > flushes) is { Write: { } early } one)
                    return $"entry {one.Entry} stands behind {flushes} flushes, and {early.FlushesBefore} were at the disk before it was issued";
                plain.Clear();
            }
            before = entry;
            if (entry.Is(LogWritesFlags.Mark))
            {
                if (_marks.GetValueOrDefault(entry.Mark) is { } mark)
                    durable.Add((mark, entry.Number));
                continue;
            }
            if (entry.Is(LogWritesFlags.Flush))
            {
                if (isAlone && _atFlush[flushes].CheckCrashed(image) is { } wrong)
                    return $"replayed to flush {flushes}, entry {entry.Number}: {wrong}";
                replayed.Seen();
                if (isAlone)
                    durable.Add((_flushes[flushes], entry.Number));
                flushes++;
                continue;
            }
            foreach (ulong stamp in StampsOf(reader))
            {
                if (!places.TryAdd(stamp, entry.Number))
                    return $"{stamp:x} is in entries {places[stamp]} and {entry.Number}";
                if (!_writes.TryGetValue(stamp, out Event? write))
                    return $"entry {entry.Number} has {stamp:x}, which nobody wrote";
                if (write.IsDurable != entry.Is(LogWritesFlags.Fua))
                    return $"entry {entry.Number} has the flags {entry.Flags}, and {stamp:x} was written {(write.IsDurable ? "with" : "without")} FUA";
                (write.IsDurable ? durable : plain).Add((write, entry.Number));
                if (PlaceFault(write, flushes) is { } fault)
                    return $"{stamp:x}, entry {entry.Number}, {fault}";
            }
            Replay(reader, image);
        }
        if (before.Mark != EndMark)
            return "the log does not end with the mark of its end";
        if (flushes != _flushes.Count)
            return $"{_flushes.Count} flushes were done, and the log has {flushes}";
        if (_writes.Keys.FirstOrDefault(stamp => !places.ContainsKey(stamp)) is not 0 and var missing)
            return $"{missing:x} is not in the log";
        return OrderFault(durable);
    }

    static bool IsPlain(LogWritesEntry entry) => entry.Length > 0 && !entry.Is(LogWritesFlags.Fua);

    /// <summary>Rules that hold for any write: the flushes before it in the log are not too many and not too few.</summary>
    string? PlaceFault(Event write, int flushesBefore)
    {
        int most = _flushes.Count(flush => flush.IssuedAt < write.AnsweredAt);
        int least = _flushes.Count(flush => flush.AnsweredAt < write.IssuedAt);
        return flushesBefore > most ? $"stands behind {flushesBefore} flushes, and {most} were issued before it was done"
            : flushesBefore < least ? $"stands behind {flushesBefore} flushes, and {least} were done before it was issued"
            : null;
    }

    static string? OrderFault(List<(Event Event, ulong Entry)> durable)
    {
        foreach ((Event Event, ulong Entry) one in durable)
        {
            foreach ((Event Event, ulong Entry) other in durable)
            {
                if (one.Event.AnsweredAt < other.Event.IssuedAt && one.Entry > other.Entry)
                    return $"entry {one.Entry} was durable before entry {other.Entry} was issued";
            }
        }
        return null;
    }

    static IEnumerable<ulong> StampsOf(LogWritesReader reader)
    {
        byte[] sector = new byte[Sectors.Bytes];
        for (long at = 0; at < reader.Entry.DataLength; at += Sectors.Bytes)
        {
            reader.ReadData(at, sector);
            yield return Stamp.Of(sector);
        }
    }

    static void Replay(LogWritesReader reader, byte[] image)
    {
        Span<byte> target = image.AsSpan((int)reader.Entry.Start, (int)reader.Entry.Length);
        if (reader.Entry.DataLength == 0)
            target.Clear();
        else
            reader.ReadData(0, target);
    }
}
