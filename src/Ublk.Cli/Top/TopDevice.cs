using Ublk.Control;

namespace Ublk.Cli.Top;

/// <summary>A device between two looks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Depth">How many of the devices shown before it stand above it.</param>
/// <param name="StandsOn">Our own devices that it stands on.</param>
/// <param name="Rates">What came to it.</param>
/// <param name="Lines">Its live table.</param>
sealed record TopDevice(string Name, int Depth, IReadOnlyList<string> StandsOn, TopRates Rates, IReadOnlyList<TopLine> Lines)
{
    public static TopDevice Between(DeviceStatsReply? before, DeviceStatsReply now, int depth, double seconds) => new(
        now.Name,
        depth,
        now.StandsOn,
        TopRates.Between(before?.Traffic, now.Traffic, seconds),
        [.. now.Lines.Select(line => new TopLine(
            line.Start, line.SectorCount, line.Target, TopRates.Between(Same(before, line)?.Traffic, line.Traffic, seconds)))]);

    static LineStatsReply? Same(DeviceStatsReply? before, LineStatsReply line) =>
        before?.Lines.FirstOrDefault(one => (one.Start, one.SectorCount, one.Target) == (line.Start, line.SectorCount, line.Target));
}
