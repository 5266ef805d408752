using System.Buffers.Binary;
using System.Text;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>
/// The log of the kernel's dm-log-writes (<c>drivers/md/dm-log-writes.c</c>): what reached a disk, in an order that a flush cuts.
/// Writes that completed before a flush was submitted stand before it; a FUA write stands where it completed, so before writes that
/// completed earlier and were flushed later.
/// </summary>
static class LogWritesLog
{
    const ulong Magic = 0x6a736677736872;
    const int SectorBytes = 512;
    const int EntryHeadBytes = 32;

    /// <exception cref="InvalidDataException">It is no log, or is cut off.</exception>
    public static List<LogEntry> Read(ReadOnlyMemory<byte> log)
    {
        ulong Number(long at) => at + sizeof(ulong) <= log.Length
            ? BinaryPrimitives.ReadUInt64LittleEndian(log.Span[(int)at..])
            : throw new InvalidDataException($"the log ends at byte {log.Length}, within its entries");

        if (Number(0) != Magic || Number(8) != 1 || (uint)Number(24) != SectorBytes)
            throw new InvalidDataException("this is no log of dm-log-writes, version 1, with sectors of 512 bytes");
        var entries = new List<LogEntry>();
        long at = SectorBytes;
        for (ulong left = Number(16); left > 0; left--)
        {
            var flags = (LogFlags)Number(at + 16);
            int sectors = (int)Number(at + 8);
            int markBytes = (flags & LogFlags.Mark) != 0 ? (int)Number(at + 24) : 0;
            int dataBytes = (flags & LogFlags.Discard) != 0 ? 0 : sectors * SectorBytes;
            long data = at + SectorBytes;
            if (data + dataBytes > log.Length)
                throw new InvalidDataException($"the log ends at byte {log.Length}, within the data of entry {entries.Count}");
            string mark = Encoding.ASCII.GetString(log.Span.Slice((int)at + EntryHeadBytes, markBytes)).TrimEnd('\0');
            entries.Add(new((long)Number(at), sectors, flags, log.Slice((int)data, dataBytes), mark));
            at = data + dataBytes;
        }
        return entries;
    }
}
