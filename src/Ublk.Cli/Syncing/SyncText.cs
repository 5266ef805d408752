namespace Ublk.Cli.Syncing;

/// <summary>How far mirrors are, for people.</summary>
static class SyncText
{
    /// <summary>Speed and time left, as far as they are known: <c>85.3 MiB/s, 00:01:12 left</c>.</summary>
    public static string Pace(MirrorSync sync) => sync switch
    {
        { IsDone: true } or { BytesPerSecond: not > 0 } => "",
        { SecondsLeft: { } left } => $"{Speed(sync)}, {Time(left)} left",
        _ => Speed(sync),
    };

    /// <summary>Writes a line at each tenth.</summary>
    public static Action<MirrorSync> Lines(TextWriter output, string device)
    {
        int last = -1;
        return sync =>
        {
            int tenth = (int)(sync.Percent / 10);
            if (tenth <= last) return;
            last = tenth;
            output.WriteLine($"{device}: {tenth * 10} % in sync{(Pace(sync) is { Length: > 0 } pace ? $", {pace}" : "")}");
        };
    }

    static string Speed(MirrorSync sync) => $"{sync.BytesPerSecond / (1 << 20):F1} MiB/s";

    static string Time(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Min(seconds, 1e9));
        return time.Days > 0 ? $"{time:d' d 'hh\\:mm\\:ss}" : $"{time:hh\\:mm\\:ss}";
    }
}
