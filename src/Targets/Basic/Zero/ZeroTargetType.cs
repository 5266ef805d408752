namespace Ublk.Targets.Basic;

/// <summary>Reads as zero, forgets what is written: <c>/dev/zero</c> as a block device.</summary>
public sealed class ZeroTargetType : TargetType
{
    /// <inheritdoc/>
    public override string Name => "zero";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 2, 0);

    /// <inheritdoc/>
    public override string Syntax => "";

    /// <inheritdoc/>
    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        line.End();
        ulong sectorCount = line.SectorCount
            ?? throw new TableException(0, "zero stands on no device, so the line must give its length in sectors: 0 <length> zero");
        return new(new ZeroTarget(sectorCount));
    }
}
