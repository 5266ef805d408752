using System.Globalization;

namespace Ublk.Cli.Heatmaps;

/// <summary>Where an axis has ticks, at round numbers, and what stands at them.</summary>
/// <param name="Unit">Of the labels: <c>GiB</c>, <c>s</c>.</param>
/// <param name="Ticks">In the axis's own measure (bytes, nanoseconds), rising.</param>
sealed record AxisTicks(string Unit, IReadOnlyList<(double At, string Label)> Ticks)
{
    const double NsPerSecond = 1e9;
    static readonly string[] s_units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Ticks of addresses in bytes, at powers of two and their multiples; never more than so many.</summary>
    public static AxisTicks OfBytes(double from, double to, int most)
    {
        double step = Math.Pow(2, Math.Ceiling(Math.Log2((to - from) / most)));
        int unit = (int)Math.Clamp(Math.Floor(Math.Log2(to) / 10), 0, s_units.Length - 1);

        // Rather 512 MiB than 0.5 GiB, but not 4194304 MiB.
        while (unit > 0 && step < Math.Pow(1024, unit) && to / Math.Pow(1024, unit - 1) < 10_000) unit--;
        return new(s_units[unit], At(from, to, step, Math.Pow(1024, unit)));
    }

    /// <summary>Ticks of a time in nanoseconds, at 1, 2 or 5 times a power of ten; never more than so many.</summary>
    public static AxisTicks OfTime(double lengthNs, int most)
    {
        double least = lengthNs / most;
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double step = new double[] { 1, 2, 5, 10 }.First(times => times * power >= least * (1 - 1e-9)) * power;
        (string unit, double size) = lengthNs >= NsPerSecond ? ("s", NsPerSecond) : ("ms", 1e6);
        return new(unit, At(0, lengthNs, step, size));
    }

    static List<(double At, string Label)> At(double from, double to, double step, double unit)
    {
        List<(double, string)> ticks = [];
        for (double number = Math.Ceiling(from / step); number * step <= to; number++)
            ticks.Add((number * step, (number * step / unit).ToString("0.######", CultureInfo.InvariantCulture)));
        return ticks;
    }
}
