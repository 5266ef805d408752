using System.Text.Json;
using System.Xml.Linq;
using Ublk.Cli.Heatmaps;
using Ublk.Formats.Requests;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Cli;

/// <summary><c>ublk-dm heatmap</c>.</summary>
public sealed class HeatmapTests
{
    const ulong FromNs = 1_800_000_000_000_000_000;
    const ulong SecondNs = 1_000_000_000;

    static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Theory]
    [InlineData(1UL)]
    [InlineData(7UL)]
    [InlineData(1000UL)]
    [InlineData(1023UL)]
    [InlineData(1_000_003UL)]
    [InlineData(1UL << 50)]
    public void Cells_add_up_to_all_that_was_read_and_written(ulong sectorCount)
    {
        var random = new Random(7);
        var grid = new HeatGrid(sectorCount, FromNs);
        ulong reads = 0, writes = 0;
        for (int i = 0; i < 3000; i++)
        {
            // Now and then a long one over many rows; in time mostly forwards, sometimes back, and on to an hour: columns are folded many times.
            ulong sector = (ulong)random.NextInt64((long)sectorCount);
            ulong count = Math.Min(sectorCount - sector, i % 50 == 0 ? sectorCount : (ulong)random.Next(1, 2049));
            var op = random.Next(2) == 0 ? RecordOp.Read : RecordOp.Write;
            grid.Add(Request(op, sector, count, FromNs + ((ulong)i * 1_200_000_000) - (i % 7 == 0 ? 500_000_000UL : 0)));
            if (op == RecordOp.Read) reads += count * 512;
            else writes += count * 512;
        }

        Assert.Equal((reads, writes), (grid.Reads.Bytes, grid.Writes.Bytes));
        foreach (bool zooms in (bool[])[false, true])
        {
            foreach ((int rows, int columns) in ((int, int)[])[(96, 256), (13, 77), (1, 1), (5000, 5000)])
            {
                var cells = HeatCells.Of(grid, rows, columns, FromNs + (3601 * SecondNs), zooms);
                Assert.Equal((reads, writes), (Sum(cells, RecordOp.Read), Sum(cells, RecordOp.Write)));
                Assert.InRange(cells.Rows, 1, rows);
                Assert.InRange(cells.Columns, 1, columns);
                Assert.Equal(cells.Rows + 1, cells.RowSectors.Count);
            }
        }
    }

    [Fact]
    public void A_request_over_several_cells_is_spread_over_them_by_its_sectors()
    {
        var grid = new HeatGrid(4096, FromNs);       // rows of 4 sectors
        grid.Add(Request(RecordOp.Write, 6, 9, FromNs + 3_500_000));

        Assert.Equal([0, 2, 4, 3, 0], Enumerable.Range(0, 5).Select(row => (int)(grid[RecordOp.Write, row, 3] / 512)));
        Assert.Equal(0UL, grid[RecordOp.Read, 1, 3]);
    }

    [Fact]
    public void A_picture_is_as_long_as_it_was_looked_also_when_little_came()
    {
        var grid = new HeatGrid(4096, FromNs);
        grid.Add(Request(RecordOp.Read, 0, 8, FromNs + 5_000_000));

        var cells = HeatCells.Of(grid, 96, 256, FromNs + (10 * SecondNs), zooms: false);

        Assert.Equal(10 * SecondNs, cells.LengthNs);
        Assert.InRange((double)cells.ColumnNs * cells.Columns / cells.LengthNs, 1, 1.2);
        Assert.InRange(cells.Columns, 128, 256);
        Assert.Equal(4096UL, cells[RecordOp.Read, 0, 0]);
    }

    [Fact]
    public void Zooming_shows_what_was_touched_and_not_much_more()
    {
        var grid = new HeatGrid(1 << 20, FromNs);
        grid.Add(Request(RecordOp.Read, 300_000, 8, FromNs));
        grid.Add(Request(RecordOp.Write, 400_000, 8, FromNs));

        var cells = HeatCells.Of(grid, 96, 256, FromNs + SecondNs, zooms: true);

        Assert.InRange(cells.FirstSector, 300_000UL - 1024, 300_000UL);
        Assert.InRange(cells.EndSector, 400_008UL, 400_008UL + 1024);
    }

    [Theory]
    [InlineData(0, 512.0 * 1024 * 1024, 6, "MiB", "0 128 256 384 512")]
    [InlineData(0, 10.0 * 1024 * 1024 * 1024, 6, "GiB", "0 2 4 6 8 10")]
    [InlineData(0, 1.5 * 1024 * 1024 * 1024, 6, "MiB", "0 256 512 768 1024 1280 1536")]
    [InlineData(0, 4096.0, 6, "KiB", "0 1 2 3 4")]
    [InlineData(0, 3e15, 6, "TiB", "0 512 1024 1536 2048 2560")]
    [InlineData(300e6, 310e6, 5, "MiB", "288 290 292 294")]
    public void Address_ticks_are_round(double from, double to, int most, string unit, string labels)
    {
        var ticks = AxisTicks.OfBytes(from, to, most);
        Assert.Equal((unit, labels), (ticks.Unit, string.Join(' ', ticks.Ticks.Select(tick => tick.Label))));
        Assert.All(ticks.Ticks, tick => Assert.InRange(tick.At, from, to));
    }

    [Theory]
    [InlineData(10e9, 12, "s", "0 1 2 3 4 5 6 7 8 9 10")]
    [InlineData(60e9, 12, "s", "0 5 10 15 20 25 30 35 40 45 50 55 60")]
    [InlineData(3e9, 12, "s", "0 0.5 1 1.5 2 2.5 3")]
    [InlineData(0.2e9, 5, "ms", "0 50 100 150 200")]
    [InlineData(3601e9, 12, "s", "0 500 1000 1500 2000 2500 3000 3500")]
    public void Time_ticks_are_round(double lengthNs, int most, string unit, string labels)
    {
        var ticks = AxisTicks.OfTime(lengthNs, most);
        Assert.Equal((unit, labels), (ticks.Unit, string.Join(' ', ticks.Ticks.Select(tick => tick.Label))));
    }

    [Fact]
    public void The_picture_is_well_formed_and_nothing_in_it_is_outside()
    {
        var grid = new HeatGrid(1 << 20, FromNs);
        for (ulong i = 0; i < 5000; i++)
            grid.Add(Request((RecordOp)(i % 2), i * 200, 8 + (i % 64), FromNs + (i * 2_000_000)));
        grid.Add(new RequestRecord { Kind = RecordKind.Gap, Op = RecordOp.Write, UnixNs = FromNs + (5 * SecondNs), LostCount = 1234, SectorCount = 8 });
        grid.Add(Request(RecordOp.Flush, 0, 0, FromNs + (5 * SecondNs)));
        string name = "<a>&\"'\u0001" + new string('x', 200);

        var svg = XDocument.Parse(SvgPicture.Draw(name, HeatCells.Of(grid, SvgPicture.MostRows, SvgPicture.MostColumns, FromNs + (10 * SecondNs), zooms: false))).Root!;

        Assert.Equal((s_svg + "svg", "1.1"), (svg.Name, svg.Attribute("version")!.Value));
        Assert.StartsWith("<a>&\"'?xxx", svg.Element(s_svg + "title")!.Value, StringComparison.Ordinal);
        string words = string.Join('\n', svg.Descendants(s_svg + "text").Select(text => text.Value));
        foreach (string expected in (string[])["reads", "writes", "address (MiB)", "time (s)", "2,500 reads", "2,500 writes", "not drawn: 1 flush", "1,234 records dropped", "512 MiB, 10 s from 2027-01-15 08:00:00 UTC"])
            Assert.Contains(expected, words, StringComparison.Ordinal);
        double width = double.Parse(svg.Attribute("width")!.Value), height = double.Parse(svg.Attribute("height")!.Value);
        foreach (var element in svg.Descendants().Where(element => element.Attribute("x") is not null))
        {
            Assert.InRange(double.Parse(element.Attribute("x")!.Value), 0, width);
            Assert.InRange(double.Parse(element.Attribute("y")!.Value), 0, height);
        }
        Assert.DoesNotContain(svg.Descendants(), element => element.Name.LocalName is "script" or "image" or "style");
        Assert.True(svg.Descendants(s_svg + "path").Count(path => path.Attribute("shape-rendering") is not null) >= 4);
    }

    [Fact]
    public void One_request_makes_one_cell()
    {
        var grid = new HeatGrid(2048, FromNs);
        grid.Add(Request(RecordOp.Write, 1024, 1, FromNs + SecondNs));
        var cells = HeatCells.Of(grid, 96, 256, FromNs, zooms: false);

        var svg = XDocument.Parse(SvgPicture.Draw("d", cells));
        var path = Assert.Single(svg.Descendants(s_svg + "path"), path => path.Attribute("shape-rendering") is not null);
        Assert.Single(path.Attribute("d")!.Value, letter => letter == 'M');
        string text = new TerminalPicture(80, 43, IsUtf8: false, HasColor: false).Draw("d", cells);
        Assert.Single(text.Split('\n').Where(line => line.Contains('|', StringComparison.Ordinal)).SelectMany(line => line), letter => letter == '@');
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void In_a_terminal_it_fits(bool isUtf8, bool hasColor)
    {
        var grid = new HeatGrid(1 << 20, FromNs);
        for (ulong i = 0; i < 5000; i++)
            grid.Add(Request((RecordOp)(i % 2), i * 200, 8 + (i % 64), FromNs + (i * 2_000_000)));
        var picture = new TerminalPicture(80, 30, isUtf8, hasColor);

        string text = picture.Draw("d", HeatCells.Of(grid, picture.Rows, picture.Columns, FromNs + (10 * SecondNs), zooms: false));

        string[] lines = text.Split('\n');
        Assert.InRange(lines.Length, 20, 30);
        Assert.Equal(hasColor, text.Contains('\e', StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Replace("\e[38;5;33m", "").Replace("\e[38;5;208m", "").Replace("\e[0m", "").Length, 0, 80));
        if (!isUtf8) Assert.All(text, letter => Assert.True(letter < 128));
    }

    [Fact]
    public async Task A_recorded_file_becomes_a_picture_and_cells_that_add_up()
    {
        using var folder = new TempFolder();
        string file = Write(folder["log"], [Filter(RecordOps.All), .. Enumerable.Range(0, 100).Select(i => Request((RecordOp)(i % 3), (ulong)i * 10, i % 3 == 2 ? 0UL : 8, FromNs + ((ulong)i * 100_000_000))), Gap(5)]);

        var drawn = await CliRun.RunAsync("heatmap", "--file", file, "-o", folder["h.svg"]);
        Assert.Equal(new CliRun(0, $"{folder["h.svg"]}: 34 reads (136 KiB), 33 writes (132 KiB); not drawn: 33 flushes; 5 records dropped: the picture lacks those requests\n", ""), drawn);
        XDocument.Load(folder["h.svg"]);
        Assert.Equal(["h.svg", "log"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());

        using var json = JsonDocument.Parse((await CliRun.RunAsync("heatmap", "--file", file, "-j")).Output);
        foreach ((string op, ulong bytes) in ((string, ulong)[])[("reads", 34 * 4096), ("writes", 33 * 4096)])
        {
            var panel = json.RootElement.GetProperty(op);
            Assert.Equal(bytes, panel.GetProperty("bytes").GetUInt64());
            Assert.Equal(bytes, (ulong)panel.GetProperty("cells").EnumerateArray().Sum(cell => cell.GetProperty("bytes").GetInt64()));
        }
        Assert.Equal((33UL, 5UL), (json.RootElement.GetProperty("flushes").GetUInt64(), json.RootElement.GetProperty("lost").GetUInt64()));

        string text = (await CliRun.RunAsync("heatmap", "--file", file)).Output;
        Assert.StartsWith($"{file}: 1 MiB, 9.9 s from 2027-01-15 08:00:00 UTC\n34 reads", text, StringComparison.Ordinal);
        Assert.All(text, letter => Assert.True(letter < 128));
    }

    [Fact]
    public async Task What_cannot_be_drawn_is_told_in_a_line_and_leaves_nothing_behind()
    {
        using var folder = new TempFolder();
        string empty = Write(folder["empty"], [Filter(RecordOps.All)]), lost = Write(folder["lost"], [Gap(7)]);
        string damaged = Write(folder["damaged"], [Request(RecordOp.Read, 2040, 16, FromNs)]);
        File.WriteAllText(folder["text"], new string('x', 200));

        foreach ((string[] args, string error) in ((string[], string)[])
            [
                (["--file", empty], $"{empty}: no requests were logged"),
                (["--file", lost], $"{lost}: no requests were logged, and the records of 7 were lost"),
                (["--file", damaged], $"{damaged}: request 0 is about sectors 2040 to 2055, and the target has 2048; the log is damaged"),
                (["--file", folder["text"]], $"{folder["text"]}: this is no request log: it does not begin with 'ublkreqs'"),
                (["--file", empty, "-o", folder["no/h.svg"]], $"{folder["no/h.svg"]}: there is no folder {folder["no"]}; make it first"),
            ])
            Assert.Equal(new CliRun(1, "", $"error: {error}\n"), await CliRun.RunAsync(["heatmap", .. args]));
        Assert.StartsWith("error: NAME is missing\n", (await CliRun.RunAsync("heatmap")).Error, StringComparison.Ordinal);
        Assert.StartsWith("error: --file has all that was recorded: --seconds is for devices\n", (await CliRun.RunAsync("heatmap", "--file", empty, "--seconds", "3")).Error, StringComparison.Ordinal);
        Assert.Equal(4, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [Fact]
    public async Task A_device_is_recorded_from_now_on()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "from", "--table", "0 8192 zero");
        await daemon.RunAsync("create", "to", "--table", "0 8192 zero");
        await daemon.RunAsync("create", "log", "--table", "0 8192 reqlog /dev/ublk-dm/to 0");
        Assert.Equal(
            new CliRun(1, "", "error: log: no requests were logged; was there I/O on the device meanwhile?\n"), await daemon.RunAsync("heatmap", "log", "--seconds", "0.2"));

        var run = daemon.RunAsync("heatmap", "log", "--seconds", "2", "-j");
        await Task.Delay(500, TestContext.Current.CancellationToken);
        // A mirror that copies 4 MiB to it.
        await daemon.RunAsync("create", "m", "--table", "0 8192 mirror core 1 256 2 /dev/ublk-dm/from 0 /dev/ublk-dm/log 0");

        using var json = JsonDocument.Parse((await run).Output);
        Assert.Equal((0UL, 8192UL * 512), (json.RootElement.GetProperty("reads").GetProperty("bytes").GetUInt64(), json.RootElement.GetProperty("writes").GetProperty("bytes").GetUInt64()));
        Assert.Equal(2_000_000_000UL, json.RootElement.GetProperty("lengthNs").GetUInt64());
        Assert.Equal(0UL, json.RootElement.GetProperty("lost").GetUInt64());
    }

    static ulong Sum(HeatCells cells, RecordOp op)
    {
        ulong sum = 0;
        for (int row = 0; row < cells.Rows; row++)
        {
            for (int column = 0; column < cells.Columns; column++) sum += cells[op, row, column];
        }
        return sum;
    }

    static RequestRecord Request(RecordOp op, ulong sector, ulong sectorCount, ulong unixNs) =>
        new() { Kind = RecordKind.Request, Op = op, Sector = sector, SectorCount = sectorCount, UnixNs = unixNs, LatencyNs = 1000 };

    static RequestRecord Filter(RecordOps ops) => new() { Kind = RecordKind.Filter, Ops = ops, UnixNs = FromNs, SectorCount = 2048 };

    static RequestRecord Gap(ulong lost) => new() { Kind = RecordKind.Gap, Op = RecordOp.Write, UnixNs = FromNs + SecondNs, Sector = 0, SectorCount = 64, LostCount = lost };

    static string Write(string path, RequestRecord[] records)
    {
        using var file = File.Create(path);
        file.Write(new RequestLogHeader(2048, "259:3", 0, FromNs, 0).ToBytes());
        file.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(records.AsSpan()));
        return path;
    }
}
