namespace Ublk.Simulation.Tests;

/// <summary>The target <c>witness NAME DEVICE</c>.</summary>
sealed class WitnessTargetType(Dictionary<string, Witness> witnesses) : TargetType
{
    public override string Name => "witness";

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "<name> <device>";

    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        Witness witness = witnesses[line.Word("name")];
        return new WitnessTarget(witness, await line.DeviceAsync("device", Claim.Shared, ct), line.SectorCount!.Value);
    }
}
