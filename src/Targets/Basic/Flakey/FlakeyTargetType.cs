namespace Ublk.Targets.Basic;

/// <summary>A linear device that is well for some seconds, then fails for some, and so on: for tests of what stands on it.</summary>
public sealed class FlakeyTargetType : TargetType
{
    /// <inheritdoc/>
    public override string Name => "flakey";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 5, 0);

    /// <inheritdoc/>
    public override string Syntax =>
        "<device> <first sector> <up seconds> <down seconds> [<count> [error_reads] [drop_writes|error_writes] "
        + "[corrupt_bio_byte <nth> <r|w> <value> <flags>] [random_read_corrupt <billionths>] [random_write_corrupt <billionths>]]";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        Extent extent = await Extent.ReadAsync(line, "device", line.SectorCount, ct);
        uint up = (uint)line.Number("up interval in seconds", 0, uint.MaxValue);
        uint down = (uint)line.Number("down interval in seconds", 0, uint.MaxValue - up);
        if (up + down == 0)
            throw line.Error("the up and down intervals are both zero; give at least one second to one of them");
        FlakeyFeatures features = FlakeyFeatures.Read(line);
        line.End();
        return new FlakeyTarget(extent, new(up, down, services.Time), features, line.SectorCount ?? extent.SectorCount);
    }
}
