namespace Ublk;

/// <summary>
/// A device and the first sector of it that a line uses: the pair <c>&lt;device&gt; &lt;first sector&gt;</c> of every
/// device-mapper table.
/// </summary>
/// <param name="Device">The device.</param>
/// <param name="First">The sector of it that is the first of the line.</param>
public readonly record struct Extent(BackingDevice Device, ulong First)
{
    /// <summary>Sectors from <see cref="First"/> to the end of the device.</summary>
    public ulong SectorCount => Device.SectorCount - First;

    /// <summary>
    /// [C] Reads the pair from a table line; refuses a start that is no block of the device, and fewer than <paramref name="needed"/> sectors behind it.
    /// </summary>
    public static async ValueTask<Extent> ReadAsync(TableLine line, string what, ulong? needed, CancellationToken ct, Claim claim = Claim.Shared)
    {
        BackingDevice device = await line.DeviceAsync(what, line.Options.ReadOnly ? Claim.ReadOnly : claim, ct);
        ulong first = line.Number($"first sector of the {what}");
        ulong size = device.SectorCount;
        if (first > size || (first == size && needed is null))
            throw line.Error($"sector {first} is behind the end of {device}, which has {size} sectors");
        if (needed > size - first)
        {
            throw line.Error($"{needed} sectors from sector {first} do not fit on {device}, which has {size}; "
                + "shorten the line or extend the device");
        }
        uint block = device.Limits.LogicalBlockBytes / Sectors.Bytes;
        if (first % block != 0)
            throw line.Error($"must be a multiple of {block}: {device} has logical blocks of {device.Limits.LogicalBlockBytes} bytes");
        return new(device, first);
    }

    /// <summary>The pair as a table prints it.</summary>
    public override string ToString() => $"{Device.Word} {First}";
}
