namespace Ublk.Cli.Output;

/// <summary>A size for people.</summary>
static class SizeText
{
    static readonly string[] s_units = ["KiB", "MiB", "GiB", "TiB", "PiB"];

    public static string OfSectors(ulong sectorCount)
    {
        double size = sectorCount / 2.0;
        int unit = 0;
        for (; size >= 1024 && unit < s_units.Length - 1; unit++) size /= 1024;
        return $"{size:0.##} {s_units[unit]}";
    }
}
