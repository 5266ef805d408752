namespace Ublk.Targets.Basic;

/// <summary>RAID 0: chunk k of the line is on stripe k mod n.</summary>
public sealed class StripedTargetType : TargetType
{
    /// <inheritdoc/>
    public override string Name => "striped";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 7, 0);

    /// <inheritdoc/>
    public override string Syntax => "<stripes> <chunk sectors> {<device> <first sector>}...";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        uint stripeCount = (uint)line.Number("number of stripes", 1, uint.MaxValue);
        ulong? width = line.SectorCount / stripeCount;
        if (line.SectorCount % stripeCount is > 0)
            throw line.Error($"the line's length, {line.SectorCount} sectors, cannot be divided by {stripeCount} stripes");
        uint chunkSectors = (uint)line.Number("chunk size", 1, uint.MaxValue);
        if (width % chunkSectors is > 0)
            throw line.Error($"a stripe of this line has {width} sectors, which cannot be divided by chunks of {chunkSectors}");
        if ((ulong)line.Remaining != 2UL * stripeCount)
        {
            throw line.Error($"{stripeCount} stripes need {2UL * stripeCount} more arguments, a device and a first sector each; "
                + $"there are {line.Remaining}");
        }

        var stripes = new Stripe[stripeCount];
        var devices = new Dictionary<BackingDevice, StripeDevice>();
        for (int i = 0; i < stripes.Length; i++)
        {
            Extent extent = await Extent.ReadAsync(line, $"stripe {i}", width, ct);
            if (chunkSectors % (extent.Device.Limits.LogicalBlockBytes / Sectors.Bytes) != 0)
            {
                throw line.Error($"chunks of {chunkSectors} sectors are not whole logical blocks of {extent.Device}, which are "
                    + $"{extent.Device.Limits.LogicalBlockBytes} bytes");
            }
            if (!devices.TryGetValue(extent.Device, out StripeDevice? device))
                devices.Add(extent.Device, device = new(extent.Device, services));
            stripes[i] = new(device, extent);
        }
        line.End();

        ulong usable = width ?? stripes.Min(stripe => stripe.Extent.SectorCount) / chunkSectors * chunkSectors;
        if (usable == 0)
            throw new TableException(0, $"the smallest stripe does not hold one chunk of {chunkSectors} sectors");
        return new StripedTarget(stripes, [.. devices.Values], chunkSectors, usable * stripeCount);
    }
}
