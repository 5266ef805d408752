namespace Ublk.Targets.Basic;

/// <summary>Fails every request with EIO.</summary>
public sealed class ErrorTargetType : TargetType
{
    /// <inheritdoc/>
    public override string Name => "error";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 7, 0);

    /// <inheritdoc/>
    public override string Syntax => "[<device> <first sector>]";

    /// <summary>
    /// The kernel takes any arguments: two are a device whose limits the line takes over, any other number is ignored
    /// (tools replace a line's type by <c>error</c> and leave the arguments).
    /// </summary>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        ulong? sectorCount = line.SectorCount;
        if (line.Remaining == 2)
        {
            BackingDevice device = await line.DeviceAsync("device", Claim.ReadOnly, ct);
            ulong first = line.Number("first sector", max: device.SectorCount);
            sectorCount ??= device.SectorCount - first;
        }
        while (line.Remaining > 0)
            line.Word("ignored argument");
        if (sectorCount is null or 0)
        {
            throw new TableException(0, "error needs a length: 0 <length> error, or name a device to take it from: "
                + "error <device> <first sector>");
        }
        return new ErrorTarget(sectorCount.Value);
    }
}
