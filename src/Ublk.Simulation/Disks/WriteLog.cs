namespace Ublk.Simulation;

/// <summary>
/// What was written to the disks of a run, in the order that the kernel's dm-log-writes keeps: a write is noted by the first flush that was
/// submitted after it had completed, or at the end; a FUA write and a flush when they complete.
/// </summary>
public sealed class WriteLog
{
    readonly List<(long Number, LoggedWrite Write)> _unflushed = [];
    readonly List<LoggedWrite> _entries = [];

    /// <summary>What was noted so far.</summary>
    public IReadOnlyList<LoggedWrite> Entries => _entries;

    /// <summary>Notes what the script does.</summary>
    public void Mark(string text) => _entries.Add(new("", LoggedKind.Mark, 0, [], text));

    /// <summary>Notes what no flush came for.</summary>
    public void End()
    {
        _entries.AddRange(_unflushed.Select(one => one.Write));
        _unflushed.Clear();
    }

    internal void Write(SimIo io, long number)
    {
        if ((io.Flags & BlockFlags.Fua) != 0)
            _entries.Add(new(io.Disk.Name, LoggedKind.DurableWrite, io.Sector, io.Written!));
        else
            _unflushed.Add((number, new(io.Disk.Name, LoggedKind.Write, io.Sector, io.Written!)));
    }

    internal void Flush(SimDisk disk, long mark)
    {
        _entries.AddRange(_unflushed.Where(IsFlushed).Select(one => one.Write));
        _unflushed.RemoveAll(one => IsFlushed(one));
        _entries.Add(new(disk.Name, LoggedKind.Flush, 0, []));

        bool IsFlushed((long Number, LoggedWrite Write) one) => one.Write.Disk == disk.Name && one.Number <= mark;
    }
}
