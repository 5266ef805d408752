using System.Text;

namespace Ublk.Formats.LogWrites;

/// <summary>
/// Reads a log from its super block to the last entry that this one counts, an entry at a time: a log may be larger than any memory.
/// </summary>
public sealed class LogWritesReader
{
    readonly Stream _log;
    readonly long _length;
    readonly byte[] _sector;
    long _next;

    /// <summary>Reads the super block.</summary>
    /// <param name="log">The log; seekable, and the caller's.</param>
    /// <param name="length">Its length in bytes. (A stream on a block device does not know it.)</param>
    /// <exception cref="InvalidDataException">It is no log.</exception>
    public LogWritesReader(Stream log, long length)
    {
        (_log, _length) = (log, length);
        byte[] head = new byte[LogWritesSuper.ByteCount];
        _log.Position = 0;
        int count = _log.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        Super = LogWritesSuper.Read(head.AsSpan(0, count));
        _sector = new byte[Super.SectorBytes];
        _next = Super.SectorBytes;
    }

    /// <summary>What the log says of itself.</summary>
    public LogWritesSuper Super { get; }

    /// <summary>How many entries were read so far.</summary>
    public ulong ReadCount { get; private set; }

    /// <summary>The entry that <see cref="Next"/> read.</summary>
    public LogWritesEntry Entry { get; private set; }

    /// <summary>Goes on to the next entry; false: there is none.</summary>
    /// <exception cref="InvalidDataException">The log is cut short or damaged here; the message says at which entry and byte.</exception>
    public bool Next()
    {
        if (ReadCount == Super.EntryCount)
            return false;
        if (_next + Super.SectorBytes > _length)
            throw Damaged($"the log ends at byte {_length}, and its super block counts {Super.EntryCount} entries");
        _log.Position = _next;
        _log.ReadExactly(_sector);
        Entry = Check(LogWritesHeader.Read(_sector));
        _next = Entry.End;
        ReadCount++;
        return true;
    }

    /// <summary>Reads some of the entry's data.</summary>
    /// <param name="from">Where to begin, in bytes from the start of the data.</param>
    /// <param name="into">Is filled; must not reach behind the data.</param>
    public void ReadData(long from, Span<byte> into)
    {
        if (from + into.Length > Entry.DataLength)
            throw new ArgumentOutOfRangeException(nameof(from));
        _log.Position = Entry.DataOffset + from;
        _log.ReadExactly(into);
    }

    LogWritesEntry Check(LogWritesHeader header)
    {
        if ((header.Flags & ~LogWritesFlags.All) != 0)
            throw Damaged($"its flags are {(ulong)header.Flags:x}, and there are none above {(ulong)LogWritesFlags.All:x}");
        ulong sectors = (ulong)long.MaxValue / Super.SectorBytes;
        if (header.Sector > sectors || header.SectorCount > sectors - header.Sector)
            throw Damaged($"it is {header.SectorCount} sectors at sector {header.Sector}, which no device has");
        bool isMark = header.Is(LogWritesFlags.Mark);
        if (header.SectorCount == 0 && !isMark && !header.Is(LogWritesFlags.Flush))
            throw Damaged("it has no sectors, and is neither a flush nor a mark: a sector that was never written, or was lost");
        if (header.TextBytes != 0 && !isMark)
            throw Damaged($"it is no mark, and has a text of {header.TextBytes} bytes");
        if (isMark && header.TextBytes > (ulong)(_sector.Length - LogWritesHeader.ByteCount))
            throw Damaged($"it is a mark of {header.TextBytes} bytes, more than fit in a sector of {_sector.Length}");
        long data = _next + _sector.Length;
        long dataLength = (long)header.DataSectorCount * _sector.Length;
        if (dataLength > _length - data)
            throw Damaged($"its data of {dataLength} bytes begins at byte {data}, and the log ends at byte {_length}");
        string mark = isMark ? Encoding.UTF8.GetString(_sector, LogWritesHeader.ByteCount, (int)header.TextBytes).TrimEnd('\0') : "";
        return new(ReadCount, _next, header.Flags, (long)header.Sector * _sector.Length, (long)header.SectorCount * _sector.Length, data, dataLength, mark);
    }

    InvalidDataException Damaged(string why) => new($"entry {ReadCount} at byte {_next} of the log: {why}");
}
