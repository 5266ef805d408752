using System.Globalization;
using System.Net.Sockets;
using Ublk.Formats.Requests;
using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Engine.Tests;

/// <summary>reqlog through the real engine, with its files and its socket.</summary>
public sealed class RequestLogTests
{
    const ulong DiskSectors = 8192;
    const int Requests = 100_000;

    [Theory]
    [InlineData("")]
    [InlineData(" 1 off")]
    [InlineData(" 2 ops w")]
    [InlineData(" 2 file {0}")]
    public async Task It_allocates_nothing_for_a_request(string features)
    {
        await using var rig = new Rig(workers: 1, types: [new RequestLogTargetType()]);
        string words = string.Format(CultureInfo.InvariantCulture, features, rig.Folder.At("log"));
        MappedDevice device = await rig.CreateAsync("d", $"reqlog {rig.Folder.File("f", DiskSectors)} 0{words}");
        using var buffer = new NativeBuffer(Lanes.Count * Lanes.SectorCount * Sectors.Bytes);
        TestFront front = rig.Front(device);
        Assert.True(await front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address, DiskSectors, Requests / 5)) > 0, "warming up allocates: the measure works");
        Assert.Equal(Errno.None, await front.Worker.InvokeAsync(() => Lanes.Burst(front, buffer.Address, BlockOp.Write, 8)));
        Assert.Equal(Errno.None, await front.Worker.InvokeAsync(() => Lanes.Burst(front, buffer.Address, BlockOp.Flush, 0)));

        Assert.Equal(0, await front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address, DiskSectors, Requests)));
    }

    [Fact]
    public async Task Two_workers_a_full_ring_and_a_reader_that_stalls_all_requests_are_accounted_for()
    {
        await using var rig = new Rig(workers: 2, types: [new RequestLogTargetType()]);
        MappedDevice device = await rig.CreateAsync("d", $"reqlog {rig.Folder.File("f", DiskSectors)} 0");
        await using var slow = (await device.StreamAsync(0, ["log", "follow"], default)).GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());     // the header, and then nothing is pulled for a while
        using var buffer = new NativeBuffer(2 * Lanes.Count * Lanes.SectorCount * Sectors.Bytes);
        TestFront[] fronts = [rig.Front(device, 0), rig.Front(device, 1)];
        long[] results = await Task.WhenAll(fronts.Select((front, i) =>
            front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address + i * Lanes.Count * Lanes.SectorCount * Sectors.Bytes, DiskSectors, Requests)).AsTask()));
        Assert.All(results, result => Assert.True(result >= 0));

        await device.MessageAsync(0, ["off"], default);
        var sequences = new HashSet<ulong>();
        ulong lost = 0;
        for (bool isOff = false; !isOff && await slow.MoveNextAsync();)
        {
            for (int at = 0; at < slow.Current.Length; at += RequestRecord.ByteCount)
            {
                RequestRecord record = System.Runtime.InteropServices.MemoryMarshal.Read<RequestRecord>(slow.Current.Span[at..]);
                if (record.Kind == RecordKind.Request)
                    Assert.True(sequences.Add(record.Sequence), $"{record.Sequence} came twice");
                lost += record.IsGap ? record.LostCount : 0;
                isOff |= record is { Kind: RecordKind.Filter, Ops: RecordOps.None };
            }
        }
        Assert.True(lost > 0, "nothing was lost: the reader was not slow enough for this test to show something");
        Assert.Equal(2UL * (Requests / Lanes.Count * Lanes.Count), (ulong)sequences.Count + lost);
    }

    [Fact]
    public async Task Files_are_rotated_and_have_every_request_once()
    {
        await using var rig = new Rig(workers: 1, types: [new RequestLogTargetType()]);
        string path = rig.Folder.At("log");
        string table = $"reqlog {rig.Folder.File("f", DiskSectors)} 0 6 file {path} rotate_mib 1 keep 2";
        MappedDevice device = await rig.CreateAsync("d", table);
        await LoadAsync(rig, device, 60_000);       // 2.7 MiB of records
        await UntilWrittenAsync(device, 60_000 / Lanes.Count * Lanes.Count + 1);     // a removal waits for the log only for a time
        await rig.Mapper.RemoveAsync(device, force: false, default);

        Assert.False(File.Exists($"{path}.3"));
        ulong next = 0;
        foreach (string file in (string[])[$"{path}.2", $"{path}.1", path])
        {
            await using FileStream stream = File.OpenRead(file);
            RequestLogReader reader = await RequestLogReader.OpenAsync(stream, default);
            Assert.Equal(DiskSectors, reader.Header.SectorCount);
            while (await reader.NextAsync(default) is { } record)
            {
                if (record.Kind == RecordKind.Request)
                    Assert.Equal(next++, record.Sequence);
                Assert.False(record.IsGap);
            }
            Assert.Equal(0, reader.TornBytes);
        }
        Assert.Equal(60_000UL / Lanes.Count * Lanes.Count, next);

        // The next device begins a new file, and what is there is rotated.
        device = await rig.CreateAsync("e", table);
        await rig.Mapper.RemoveAsync(device, force: false, default);
        Assert.Equal(RequestLogHeader.ByteCount + 2 * RequestRecord.ByteCount, new FileInfo(path).Length);
    }

    [Fact]
    public async Task A_file_that_is_no_request_log_is_never_touched()
    {
        await using var rig = new Rig(workers: 1, types: [new RequestLogTargetType()]);
        string disk = rig.Folder.File("f", DiskSectors), letter = rig.Folder.At("letter");
        await File.WriteAllTextAsync(letter, "Dear Ada");
        await File.WriteAllTextAsync($"{letter}.empty", "");
        foreach (string path in (string[])[letter, $"{letter}.empty", "/dev/null", rig.Folder.Path])
        {
            DmException e = await Assert.ThrowsAsync<DmException>(() => rig.CreateAsync($"d{path.Length}", $"reqlog {disk} 0 2 file {path}"));
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
        }
        MappedDevice device = await rig.CreateAsync("d", $"reqlog {disk} 0");
        await Assert.ThrowsAsync<DmException>(() => device.MessageAsync(0, ["file", letter], default));
        Assert.Equal("Dear Ada", await File.ReadAllTextAsync(letter));
        Assert.EndsWith(" 0", device.Table(inactive: false)[0].Params, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_on_the_socket_gets_three_fields_and_its_end_disturbs_nobody()
    {
        await using var rig = new Rig(workers: 1, types: [new RequestLogTargetType()]);
        string path = rig.Folder.At("socket");
        MappedDevice device = await rig.CreateAsync("d", $"reqlog {rig.Folder.File("f", DiskSectors)} 0 2 socket {path}");
        TestFront front = rig.Front(device);
        await front.WriteAsync(0, new byte[512]);     // nobody listens yet
        await UntilAsync(device, " failed");
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            using Socket program = await listener.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(10));
            await UntilAsync(device, " ok");
            await front.WriteAsync(8, new byte[4096]);
            await front.ReadAsync(24, 2);
            await front.FlushAsync();
            await front.IssueAsync(BlockOp.Discard, 64, 16);
            using var lines = new StreamReader(new NetworkStream(program));
            Assert.Equal("w 8 4096", await lines.ReadLineAsync());
            Assert.Equal("r 24 1024", await lines.ReadLineAsync());
            Assert.Equal("w 64 8192", await lines.ReadLineAsync());
        }
        for (int i = 0; i < 20 && (await device.StatusAsync(false, default))[0].Params.EndsWith(" ok", StringComparison.Ordinal); i++)
        {
            Assert.Equal(Errno.None, await front.WriteAsync(8, new byte[4096]));
            await Task.Delay(50);
        }
        LineStatus status = (await device.StatusAsync(inactive: false, default))[0];
        Assert.EndsWith(" failed", status.Params, StringComparison.Ordinal);
        Assert.Contains(status.Fields, field => field is { Name: "socket", Advice: not null });
        await Task.Delay(2500);     // tried again twice: no event for that
        Assert.Equal(2u, device.Info().EventNumber);
        Assert.Equal(Errno.None, await front.WriteAsync(8, new byte[4096]));
    }

    [Fact]
    public async Task A_stream_ends_when_the_table_is_replaced_and_when_its_reader_goes()
    {
        await using var rig = new Rig(workers: 1, types: [new RequestLogTargetType()]);
        string table = $"reqlog {rig.Folder.File("f", DiskSectors)} 0";
        MappedDevice device = await rig.CreateAsync("d", table);
        await rig.Front(device).WriteAsync(8, new byte[4096]);
        IAsyncEnumerable<ReadOnlyMemory<byte>> stream = await device.StreamAsync(0, ["log", "follow"], default);
        using var gone = new CancellationTokenSource();
        _ = await device.StreamAsync(0, ["log", "follow"], gone.Token);
        await UntilAsync(device, " 2 - -");
        await gone.CancelAsync();
        await UntilAsync(device, " 1 - -");
        await device.LoadAsync(table, new LoadOptions(), default);
        await device.ResumeAsync(default);
        int pieces = 0;
        await foreach (ReadOnlyMemory<byte> piece in stream)
            pieces += piece.IsEmpty ? 0 : 1;
        Assert.InRange(pieces, 1, 3);
    }

    static async Task LoadAsync(Rig rig, MappedDevice device, int requests)
    {
        using var buffer = new NativeBuffer(Lanes.Count * Lanes.SectorCount * Sectors.Bytes);
        TestFront front = rig.Front(device);
        Assert.True(await front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address, DiskSectors, requests)) >= 0);
    }

    static async Task UntilWrittenAsync(MappedDevice device, double records)
    {
        double? written = 0;
        while (written < records)
        {
            await Task.Delay(20);
            IReadOnlyList<StatusField> fields = (await device.StatusAsync(inactive: false, default))[0].Fields;
            Assert.Equal(0, fields.First(field => field.Name == "lost by file").Value);
            written = fields.First(field => field.Name == "file").Value;
        }
    }

    static async Task UntilAsync(MappedDevice device, string end)
    {
        for (int i = 0; i < 200; i++)
        {
            if ((await device.StatusAsync(inactive: false, default))[0].Params.EndsWith(end, StringComparison.Ordinal))
                return;
            await Task.Delay(20);
        }
        Assert.Fail($"the status never ended with '{end}': {(await device.StatusAsync(inactive: false, default))[0].Params}");
    }

    [Fact]
    public async Task A_socket_path_that_no_socket_can_have_is_refused_and_nothing_stays_open()
    {
        await using var rig = new Rig(workers: 1, types: [new RequestLogTargetType()]);
        string file = rig.Folder.File("f", DiskSectors);
        DmException refused = await Assert.ThrowsAsync<DmException>(() => rig.CreateAsync("d", $"reqlog {file} 0 2 socket /tmp/{new string('s', 120)}"));
        Assert.Contains("longer than 107 bytes", refused.Message, StringComparison.Ordinal);
        await rig.CreateAsync("e", $"reqlog {file} 0");
    }
}
