namespace Ublk.Samples.Xor;

/// <summary>A device whose bytes are XORed with a key byte on their way to the disk and back. No encryption: a sample.</summary>
public sealed class XorTargetType : TargetType
{
    /// <inheritdoc/>
    public override string Name => "xor";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override string Syntax => "<device> <first sector> <key 0-255>";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        BackingDevice device = await line.DeviceAsync("device", line.Options.ReadOnly ? Claim.ReadOnly : Claim.Shared, ct);
        ulong first = line.Number("first sector", max: device.SectorCount);
        if (line.SectorCount > device.SectorCount - first)
            throw line.Error($"{line.SectorCount} sectors from sector {first} do not fit on {device}, which has {device.SectorCount}");
        byte key = (byte)line.Number("key", max: byte.MaxValue);
        line.End();
        return new XorTarget(device, first, key, line.SectorCount ?? device.SectorCount - first);
    }
}
