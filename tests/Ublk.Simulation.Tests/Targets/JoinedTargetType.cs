namespace Ublk.Simulation.Tests;

/// <summary>
/// Parts of devices in a row, in one line: <c>joined &lt;home or -&gt; {&lt;device&gt; &lt;first&gt; &lt;sectors&gt;}...</c>. With a home
/// all its requests run on that home's worker; as <c>requeue</c> it holds requests for a moment, and gives them back when a noflush
/// suspend comes meanwhile.
/// </summary>
sealed class JoinedTargetType(Simulation simulation, bool requeues = false, JoinedBugs bugs = JoinedBugs.None) : TargetType
{
    public override string Name => requeues ? "requeue" : "joined";

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "<home or -> {<device> <first> <sectors>}...";

    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        string home = line.Word("home");
        var parts = new List<JoinedPart>();
        ulong start = 0;
        while (line.Remaining > 0)
        {
            BackingDevice device = await line.DeviceAsync("device", Claim.Shared, ct);
            var part = new JoinedPart(device, line.Number("first sector"), start, line.Number("length"));
            parts.Add(part);
            start += part.SectorCount;
        }
        return new JoinedTarget(simulation, [.. parts], home == "-" ? null : home, requeues, bugs);
    }
}

/// <summary>A part of a device, and where in the line it begins.</summary>
sealed record JoinedPart(BackingDevice Device, ulong First, ulong Start, ulong SectorCount);
