namespace Ublk.Targets.Snapshot;

/// <summary>Sizes and times for people.</summary>
static class SnapshotText
{
    static readonly string[] s_units = ["KiB", "MiB", "GiB", "TiB"];

    public static string Size(ulong sectors) => Size(sectors * (double)Sectors.Bytes);

    public static string Rate(double bytesPerSecond) => $"{Size(bytesPerSecond)}/s";

    public static string Time(double seconds) => seconds switch
    {
        < 120 => $"{seconds:0} s",
        < 120 * 60 => $"{seconds / 60:0} min",
        < 48 * 3600 => $"{seconds / 3600:0} h",
        _ => $"{seconds / 86400:0} days",
    };

    static string Size(double bytes)
    {
        double size = bytes / 1024;
        int unit = 0;
        for (; size >= 1024 && unit < s_units.Length - 1; unit++)
            size /= 1024;
        return $"{size:0.#} {s_units[unit]}";
    }
}
