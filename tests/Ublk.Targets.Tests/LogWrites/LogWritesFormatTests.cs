using System.Buffers.Binary;
using System.Text;
using Ublk.Formats.LogWrites;
using Xunit;

namespace Ublk.Targets.Tests;

/// <summary>The bytes of a log of log-writes: the kernel's are read, ours are the kernel's, and what is damaged is refused at the right place.</summary>
public class LogWritesFormatTests
{
    [Fact]
    public void The_kernels_log_is_read()
    {
        byte[] log = Golden.Image("logwrites-log").Content;
        List<LogWritesEntry> entries = ReadAll(log);
        Assert.Equal(0x29, entries.Count);
        Assert.Equal(["LOAD", "RESUME", "INSYNC"], entries.Where(entry => entry.Is(LogWritesFlags.Mark)).Select(entry => entry.Mark).Take(3));
        Assert.Equal("dm-log-writes-end", entries[^1].Mark);
        Assert.Equal((0, 3 * 512, LogWritesFlags.None), (entries[2].Start, entries[2].Length, entries[2].Flags));
        Assert.Equal("rRiM"u8, log.AsSpan((int)entries[2].DataOffset, 4));
        Assert.Equal((0, LogWritesFlags.Flush), (entries[5].Length, entries[5].Flags));
    }

    /// <summary>Each header and the super block, read and written again, are the kernel's bytes.</summary>
    [Fact]
    public void What_is_written_is_what_the_kernel_writes()
    {
        byte[] log = Golden.Image("logwrites-log").Content;
        byte[] sector = new byte[512];
        LogWritesSuper.Read(log).Write(sector);
        Assert.Equal(log[..512], sector);
        foreach (LogWritesEntry entry in ReadAll(log))
        {
            byte[] kernels = log[(int)entry.Offset..][..512];
            LogWritesHeader.Read(kernels).Write(sector, Encoding.UTF8.GetBytes(entry.Mark));
            Assert.Equal(kernels, sector);
        }
    }

    [Fact]
    public void A_log_that_is_cut_off_is_refused_where_it_ends()
    {
        byte[] log = Golden.Image("logwrites-log").Content;
        List<LogWritesEntry> entries = ReadAll(log);
        for (int length = 0; length < entries[^1].End; length += 97)
        {
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => ReadAll(log[..length]));
            if (length < LogWritesSuper.ByteCount)
                Assert.Contains("this is no log of log-writes", error.Message, StringComparison.Ordinal);
            else
                Assert.StartsWith($"entry {entries.FindIndex(entry => length < entry.End)} at byte ", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, 1, "this is no log of log-writes")]
    [InlineData(8, 2, "the log has version 2; this program knows 1")]
    [InlineData(24, 500, "the log's super block is damaged: it says that a sector has 500 bytes")]
    [InlineData(24, 256, "says that a sector has 256 bytes")]
    [InlineData(512 + 16, 32, "entry 0 at byte 512 of the log: its flags are 20, and there are none above 1f")]
    [InlineData(512, -1, "entry 0 at byte 512 of the log: it is 0 sectors at sector 18446744073709551615, which no device has")]
    [InlineData(512 + 24, 481, "entry 0 at byte 512 of the log: it is a mark of 481 bytes, more than fit in a sector of 512")]
    [InlineData(1024 + 8, 1 << 20, "entry 1 at byte 1024 of the log: its data of 536870912 bytes begins at byte 1536, and the log ends at byte")]
    public void Damage_is_refused_and_told(int offset, long value, string why)
    {
        byte[] log = Golden.Image("logwrites-log").Content;
        if (offset == 1024 + 8)
            log.AsSpan(1024 + 16, 16).Clear();     // no mark
        if (offset == 24)
            BinaryPrimitives.WriteInt32LittleEndian(log.AsSpan(offset), (int)value);
        else
            BinaryPrimitives.WriteInt64LittleEndian(log.AsSpan(offset), value);
        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => ReadAll(log)).Message, StringComparison.Ordinal);
    }

    /// <summary>Numbers in a log are in its own sectors.</summary>
    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Sectors_are_the_logs(int sectorBytes)
    {
        byte[] log = new byte[6 * sectorBytes];
        new LogWritesSuper(3, (uint)sectorBytes).Write(log.AsSpan(0, sectorBytes));
        new LogWritesHeader(7, 1, LogWritesFlags.Fua, 0).Write(log.AsSpan(sectorBytes, sectorBytes));
        log.AsSpan(2 * sectorBytes, sectorBytes).Fill(0xAB);
        new LogWritesHeader(9, 2, LogWritesFlags.Discard, 0).Write(log.AsSpan(3 * sectorBytes, sectorBytes));
        byte[] text = Encoding.UTF8.GetBytes(new string('m', LogWritesHeader.MostTextBytes((uint)sectorBytes)));
        new LogWritesHeader(0, 0, LogWritesFlags.Mark, (ulong)text.Length).Write(log.AsSpan(4 * sectorBytes, sectorBytes), text);
        List<LogWritesEntry> entries = ReadAll(log);
        Assert.Equal((7 * sectorBytes, sectorBytes, sectorBytes), (entries[0].Start, entries[0].Length, entries[0].DataLength));
        Assert.Equal((9 * sectorBytes, 2 * sectorBytes, 0), (entries[1].Start, entries[1].Length, entries[1].DataLength));
        Assert.Equal((text.Length, 5 * sectorBytes), (entries[2].Mark.Length, entries[2].End));
    }

    static List<LogWritesEntry> ReadAll(byte[] log)
    {
        var entries = new List<LogWritesEntry>();
        var reader = new LogWritesReader(new MemoryStream(log), log.Length);
        while (reader.Next())
            entries.Add(reader.Entry);
        return entries;
    }

    /// <summary>What a write that was lost leaves, or a copy with holes.</summary>
    [Fact]
    public void Zeroes_are_no_entries()
    {
        byte[] log = new byte[1 << 16];
        new LogWritesSuper(10, 512).Write(log.AsSpan(0, 512));
        var reader = new LogWritesReader(new MemoryStream(log), log.Length);
        Assert.Contains("entry 0 at byte 512", Assert.Throws<InvalidDataException>(() => reader.Next()).Message, StringComparison.Ordinal);
    }
}
