namespace Ublk.Targets.Basic;

/// <summary>A contiguous part of one device.</summary>
public sealed class LinearTargetType : TargetType
{
    /// <inheritdoc/>
    public override string Name => "linear";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 5, 0);

    /// <inheritdoc/>
    public override string Syntax => "<device> <first sector>";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        Extent extent = await Extent.ReadAsync(line, "device", line.SectorCount, ct);
        line.End();
        return new LinearTarget(extent, line.SectorCount ?? extent.SectorCount);
    }
}
