using Ublk.Control;

namespace Ublk.Cli.Syncing;

/// <summary>How far the mirrors of a device are, from one look at its status.</summary>
/// <param name="IsDone">All of them are in sync.</param>
/// <param name="Percent">In sync, of all their sectors.</param>
/// <param name="BytesPerSecond">Recovered by all together.</param>
/// <param name="SecondsLeft">Of the one that takes longest; null: not known.</param>
/// <param name="Obstacle">Why they will not get in sync by themselves, and what to do; null: they will.</param>
sealed record MirrorSync(bool IsDone, double Percent, double BytesPerSecond, double? SecondsLeft, string? Obstacle)
{
    public static MirrorSync Of(string device, LineReply[] lines, bool isSuspended)
    {
        LineReply[] mirrors = [.. lines.Where(line => line.Target == "mirror")];
        if (lines.Length == 0) return Stuck($"{device}: no table; load one and resume it");
        if (mirrors.Length == 0)
            return Stuck($"{device}: no line of its table is a mirror ({string.Join(", ", lines.Select(line => line.Target).Distinct())}), so none gets in sync; name a device with a mirror");

        double sectors = mirrors.Sum(line => (double)line.SectorCount);
        var sync = new MirrorSync(
            mirrors.All(IsInSync),
            mirrors.Sum(line => (Field(line, "in sync")?.Value ?? 0) * line.SectorCount) / sectors,
            mirrors.Sum(line => Field(line, "recovers")?.Value ?? 0),
            mirrors.Max(line => Field(line, "in sync in")?.Value),
            null);
        if (sync.IsDone) return sync;
        if (isSuspended) return sync with { Obstacle = $"{device}: suspended at {sync.Percent:F1} % in sync, so nothing is recovered; resume it" };
        return Array.Find(mirrors, line => !IsInSync(line) && !WillBe(line)) is { } stuck
            ? sync with { Obstacle = Explain(lines.Length == 1 ? device : $"{device}: sectors {stuck.Start} to {stuck.Start + stuck.SectorCount - 1}", stuck) }
            : sync;
    }

    static MirrorSync Stuck(string why) => new(false, 0, 0, null, why);

    static bool IsInSync(LineReply line) => State(line) == "in sync";

    // A degraded mirror may be on its way: its legs' errors are forgotten when it is in sync.
    static bool WillBe(LineReply line) => State(line) != "failed" && Field(line, "recovers") is { Text: not "-" };

    static string Explain(string what, LineReply line)
    {
        IReadOnlyList<FieldReply> fields = line.Fields ?? [];
        string legs = string.Join(", ", fields.Where(field => IsLeg(field) && field.Value > 0).Select(field => $"{field.Name} {field.Text}"));
        string? advice = Field(line, "state")?.Advice ?? fields.FirstOrDefault(field => IsLeg(field) && field.Advice is not null)?.Advice;
        string how = State(line) == "failed" ? "no leg is left without errors" : "nothing is being recovered";
        return $"{what}: {State(line)}, {Field(line, "in sync")?.Text ?? "0 %"} in sync, and {how}, so it will not get in sync by itself"
            + $"{(legs.Length == 0 ? "" : $" ({legs})")}{(advice is null ? "" : $"; {advice}")}";
    }

    static bool IsLeg(FieldReply field) => field.Name.StartsWith("leg ", StringComparison.Ordinal);

    static string State(LineReply line) => Field(line, "state")?.Text ?? "";

    static FieldReply? Field(LineReply line, string name) => line.Fields?.FirstOrDefault(field => field.Name == name);
}
