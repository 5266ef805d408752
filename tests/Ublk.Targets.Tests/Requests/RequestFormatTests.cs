using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Ublk.Formats.Requests;
using Xunit;

namespace Ublk.Targets.Tests;

/// <summary>The bytes of a request log are those of docs/format/request-log.md.</summary>
public class RequestFormatTests
{
    [Fact]
    public void A_record_is_where_the_format_says()
    {
        var record = new RequestRecord
        {
            Kind = RecordKind.Request, Op = RecordOp.WriteZeroes, Flags = RecordFlags.NoUnmap, Error = 28, Sequence = 0x0102030405060708, UnixNs = 11, Sector = 22,
            SectorCount = 33, LatencyNs = 44,
        };
        byte[] bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<RequestRecord>(in record)).ToArray();
        Assert.Equal(48, bytes.Length);
        Assert.Equal([1, 4, 2, 0, 28, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1], bytes[..16]);
        Assert.Equal([11UL, 22, 33, 44], Enumerable.Range(2, 4).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8 * i))));
        var filter = new RequestRecord { Kind = RecordKind.Filter, Ops = RecordOps.Write | RecordOps.Flush };
        Assert.Equal([4, 0, 0, 0, 0, 0, 6, 0], MemoryMarshal.AsBytes(new ReadOnlySpan<RequestRecord>(in filter))[..8].ToArray());
    }

    [Fact]
    public void A_header_is_where_the_format_says()
    {
        byte[] bytes = new RequestLogHeader(1, "259:3", 2, 3, 4).ToBytes();
        Assert.Equal(128, bytes.Length);
        Assert.Equal("ublkreqs", Encoding.ASCII.GetString(bytes, 0, 8));
        Assert.Equal([1U, 128, 48, 0], Enumerable.Range(2, 4).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * i))));
        Assert.Equal([1UL, 2, 3, 4, 0], Enumerable.Range(3, 5).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8 * i))));
        Assert.Equal("259:3\0", Encoding.ASCII.GetString(bytes, 64, 6));
        Assert.Equal(new(1, "259:3", 2, 3, 4), RequestLogHeader.Read(bytes));
        Assert.Equal(new string('ä', 32), RequestLogHeader.Read(new RequestLogHeader(0, new string('ä', 50), 0, 0, 0).ToBytes()).Device);
    }

    [Fact]
    public async Task A_torn_record_and_zeroes_are_the_end_and_are_told()
    {
        var record = new RequestRecord { Kind = RecordKind.Request };
        byte[] bytes = [.. new RequestLogHeader(1, "d", 2, 3, 4).ToBytes(), .. MemoryMarshal.AsBytes(new ReadOnlySpan<RequestRecord>(in record))];
        Assert.Equal((1, 0), await ReadAsync(bytes));
        Assert.Equal((1, 20), await ReadAsync([.. bytes, .. bytes[128..148]]));
        Assert.Equal((1, 96), await ReadAsync([.. bytes, .. new byte[96]]));
    }

    [Theory]
    [InlineData(0, "does not begin with 'ublkreqs'")]
    [InlineData(8, "version 2")]
    public async Task Another_format_is_refused(int at, string why)
    {
        byte[] bytes = new RequestLogHeader(1, "d", 2, 3, 4).ToBytes();
        bytes[at] = 2;
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(bytes));
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(bytes[..100]));
    }

    [Fact]
    public void Letters_are_operations()
    {
        Assert.True(OpLetters.TryParse("wrz", out RecordOps ops));
        Assert.Equal(RecordOps.Read | RecordOps.Write | RecordOps.WriteZeroes, ops);
        Assert.Equal("rwz", OpLetters.Of(ops));
        Assert.False(OpLetters.TryParse("", out _));
        Assert.False(OpLetters.TryParse("x", out _));
        Assert.Equal(Enum.GetNames<BlockOp>(), Enum.GetNames<RecordOp>());
        Assert.Equal(Enum.GetNames<BlockOps>(), Enum.GetNames<RecordOps>().Where(name => name != "Changing"));
        Assert.Equal(Enum.GetNames<BlockFlags>(), Enum.GetNames<RecordFlags>());
    }

    [Fact]
    public void A_copying_program_reads_what_it_must_copy()
    {
        var text = new StringBuilder();
        foreach (RecordOp op in Enum.GetValues<RecordOp>())
        {
            ClassicLine.Append(text, new() { Kind = RecordKind.Request, Op = op, Sector = 8, SectorCount = 2, Error = 5 });
            ClassicLine.Append(text, new() { Kind = RecordKind.Gap, Op = op, Sector = 100, SectorCount = 50, LostCount = 3 });
        }
        ClassicLine.Append(text, new() { Kind = RecordKind.Filter, Sector = 1, SectorCount = 1 });
        Assert.Equal("r 8 1024\nw 8 1024\nw 100 25600\nw 8 1024\nw 100 25600\nw 8 1024\nw 100 25600\n", text.ToString());
    }

    static async Task<(int Records, int Torn)> ReadAsync(byte[] bytes)
    {
        RequestLogReader reader = await RequestLogReader.OpenAsync(new MemoryStream(bytes), default);
        int count = 0;
        while (await reader.NextAsync(default) is not null)
            count++;
        return (count, reader.TornBytes);
    }
}
