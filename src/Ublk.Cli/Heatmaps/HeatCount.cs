namespace Ublk.Cli.Heatmaps;

/// <summary>Requests of one operation.</summary>
/// <param name="Requests">How many.</param>
/// <param name="Bytes">Of all together.</param>
readonly record struct HeatCount(ulong Requests, ulong Bytes)
{
    public HeatCount Plus(ulong bytes) => new(Requests + 1, Bytes + bytes);
}
