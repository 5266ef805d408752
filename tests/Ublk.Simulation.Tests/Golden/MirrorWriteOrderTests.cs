using System.Globalization;
using System.Text.RegularExpressions;
using Ublk.Engine;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>
/// What the kernel did with dm-log-writes under its mirror's log and leg (tests/golden/wlog-mirror-*.txt) is done again with ours: between the same
/// marks the same regions become dirty durably, and the leg gets the same writes. When regions become clean again is ours to choose:
/// the kernel tells its log after each write, we some time later. (That no byte goes to a leg before its mark is durable: <see cref="MirrorTests"/>.)
/// </summary>
public partial class MirrorWriteOrderTests
{
    const ulong RegionSectors = 4096;
    const int RegionCount = 4;

    static readonly string[] s_marks = ["W0-done", "W1-done", "FLUSHED", "DISCARDED", "DSYNC"];

    [Fact]
    public void Regions_become_dirty_where_the_kernel_makes_them_so() => SeedRunner.Run("mirror write order", 20, simulation =>
    {
        simulation.Disks.Log = new WriteLog();
        simulation.Run(async () =>
        {
            foreach (string disk in (string[])["leg1", "leg2"])
                simulation.Disks.Add(disk, RegionSectors * RegionCount);
            simulation.Disks.Add("log", 64);
            SimHost host = simulation.Boot(1, new MirrorTargetType([new CoreLogType(), new DiskLogType()]));
            MappedDevice m = await host.StartAsync("m", $"0 {RegionSectors * RegionCount} mirror disk 3 log {RegionSectors} nosync 2 leg1 0 leg2 0");
            WriteLog log = simulation.Disks.Log!;
            log.Mark("INSYNC");
            await WriteAsync(m, 0, 8, BlockFlags.None);
            log.Mark("W0-done");
            await Task.Delay(TimeSpan.FromSeconds(2), simulation.Time);
            log.Mark("SLEPT");
            await WriteAsync(m, 4096, 8, BlockFlags.None);
            await WriteAsync(m, 4104, 8, BlockFlags.None);
            log.Mark("W1-done");
            Assert.Equal(Errno.None, await host.RequestAsync(m, BlockOp.Flush));
            log.Mark("FLUSHED");
            Assert.Equal(Errno.None, await host.RequestAsync(m, BlockOp.Discard, 0, 2048));
            log.Mark("DISCARDED");
            await WriteAsync(m, 8192, 8, BlockFlags.Fua);
            log.Mark("DSYNC");
            await m.SuspendAsync(noFlush: false, default);
            log.Mark("SUSPENDED");
            log.End();

            List<(string Mark, int Dirtied)> kernel = Dirtied(Kernel());
            Assert.Equal([("W0-done", 1), ("W1-done", 2), ("FLUSHED", 0), ("DISCARDED", 0), ("DSYNC", 4)], kernel);
            Assert.Equal(kernel, Dirtied(Ours(log)));
            Assert.Equal(["write 0+8", "write 4096+8", "write 4104+8", "durable 8192+8"], KernelLegWrites());
            Assert.Equal(KernelLegWrites().Order(), log.Entries.SkipWhile(entry => entry.Text != "INSYNC")
                .Where(entry => entry.Disk == "leg1" && entry.Kind is (LoggedKind.Write or LoggedKind.DurableWrite) && entry.Bytes.Length == 8 * Sectors.Bytes)
                .Select(entry => $"{(entry.Kind == LoggedKind.Write ? "write" : "durable")} {entry.Sector}+{entry.Bytes.Length / Sectors.Bytes}").Order());
            Assert.Equal(0xf, simulation.Disks["log"].Content[DiskLogFormat.BitmapOffset]);
            await host.ShutDownAsync();
        });
    });

    static async Task WriteAsync(MappedDevice device, ulong sector, int sectorCount, BlockFlags flags) =>
        Assert.Equal(Errno.None, await device.Stack.WriteAsync(sector, new byte[sectorCount * Sectors.Bytes], flags));

    /// <summary>For each mark, the regions that became dirty durably since the mark before.</summary>
    static List<(string Mark, int Dirtied)> Dirtied(IEnumerable<(string Mark, int Clean, bool IsDurable)> log)
    {
        var dirtied = new List<(string Mark, int Dirtied)>();
        int clean = 0xf, written = 0xf, since = 0;
        foreach ((string mark, int bits, bool isDurable) in log)
        {
            if (mark == "INSYNC")
            {
                (clean, written, since) = (0xf, 0xf, 0);
            }
            else if (mark.Length > 0)
            {
                if (s_marks.Contains(mark))
                    dirtied.Add((mark, since));
                since = 0;
            }
            else
            {
                written = bits >= 0 ? bits : written;
                clean |= written;
                if (!isDurable)
                    continue;
                since |= clean & ~written;
                clean = written;
            }
        }
        return dirtied;
    }

    /// <summary>The kernel writes its log, then flushes it.</summary>
    static IEnumerable<(string Mark, int Clean, bool IsDurable)> Kernel()
    {
        foreach (string line in Transcript.Lines("wlog-mirror-disklog"))
        {
            if (EntryPattern().Match(line) is not { Success: true } entry)
                continue;
            if (entry.Groups["mark"].Success)
                yield return (entry.Groups["mark"].Value, -1, false);
            else if (entry.Groups["bits"].Success)
                yield return ("", int.Parse(entry.Groups["bits"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture), false);
            else
                yield return ("", -1, true);
        }
    }

    /// <summary>What the kernel's leg got once it was in sync.</summary>
    static string[] KernelLegWrites() =>
    [
        .. Transcript.Lines("wlog-mirror-leg1").SkipWhile(line => !line.Contains("INSYNC", StringComparison.Ordinal))
            .Select(line => LegPattern().Match(line)).Where(entry => entry.Success)
            .Select(entry => $"{(entry.Groups["fua"].Success ? "durable" : "write")} {entry.Groups["sector"].Value}+{entry.Groups["n"].Value}"),
    ];

    [GeneratedRegex(@"^ *\d+ sector=(?<sector>\d+) n=(?<n>\d+) (-|(?<fua>FUA)) \S+ \.\. \S+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LegPattern();

    /// <summary>Ours are FUA writes of the block with the bitmap.</summary>
    static IEnumerable<(string Mark, int Clean, bool IsDurable)> Ours(WriteLog log) => log.Entries
        .Where(entry => entry.Kind == LoggedKind.Mark || (entry.Disk == "log" && entry.Kind != LoggedKind.Flush))
        .Select(entry => entry.Kind == LoggedKind.Mark
            ? (entry.Text, -1, false)
            : ("", (int)entry.Bytes[DiskLogFormat.BitmapOffset - (int)entry.Sector * Sectors.Bytes], entry.Kind == LoggedKind.DurableWrite));

    [GeneratedRegex(@"^ *\d+ sector=\d+ n=\d+ (MARK b'(?<mark>[^']*)'|- \S+ \.\. (?<bits>..)\S+|FLUSH ?)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EntryPattern();
}
