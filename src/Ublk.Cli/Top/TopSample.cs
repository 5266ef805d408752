using Ublk.Control;

namespace Ublk.Cli.Top;

/// <summary>All that is shown of one interval: with <c>-j</c> one line of JSON.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Seconds">How long it was.</param>
/// <param name="Devices">What stands on others comes first, what is below right after it; each device once.</param>
sealed record TopSample(DateTimeOffset At, double Seconds, IReadOnlyList<TopDevice> Devices)
{
    /// <summary>The difference of two looks, of these devices and what is below them; none: of all.</summary>
    public static TopSample Between(StatsReply before, StatsReply now, IReadOnlyCollection<string> names)
    {
        double seconds = (now.AtNs - before.AtNs) / 1e9;
        var devices = now.Devices.ToDictionary(device => device.Name);
        var earlier = before.Devices.ToDictionary(device => device.Name);
        var lower = now.Devices.SelectMany(device => device.StandsOn).ToHashSet();
        List<TopDevice> rows = [];
        HashSet<string> shown = [];
        foreach (string top in names.Count > 0 ? names : now.Devices.Select(device => device.Name).Where(name => !lower.Contains(name)))
            Show(top, 0);
        return new(DateTimeOffset.Now, Math.Round(seconds, 6), rows);

        void Show(string name, int depth)
        {
            if (!devices.TryGetValue(name, out var device) || !shown.Add(name)) return;
            rows.Add(TopDevice.Between(earlier.GetValueOrDefault(name), device, depth, seconds));
            foreach (string below in device.StandsOn) Show(below, depth + 1);
        }
    }
}
