namespace Ublk.Targets.Log;

/// <summary>Passes every request through, and keeps a record of each for whoever wants to read it.</summary>
public sealed class RequestLogTargetType : TargetType
{
    readonly RequestLogSizes _sizes;
    readonly RequestLogFaults _faults;

    /// <summary>The target type as the host registers it.</summary>
    public RequestLogTargetType()
        : this(new(), RequestLogFaults.None)
    {
    }

    internal RequestLogTargetType(RequestLogSizes sizes, RequestLogFaults faults)
    {
        _sizes = sizes;
        _faults = faults;
    }

    /// <inheritdoc/>
    public override string Name => "reqlog";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override string Syntax => $"<device> <first sector> [<feature words> {RequestLogSettings.Syntax}]";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        Claim claim = line.Options.ReadOnly ? Claim.ReadOnly : Claim.Shared;
        BackingDevice device = await line.DeviceAsync("device", claim, ct);
        ulong first = line.Number("first sector of the device");
        ulong size = device.SectorCount;
        if (first >= size)
            throw line.Error($"sector {first} is behind the end of {device}, which has {size} sectors");
        if (line.SectorCount > size - first)
            throw line.Error($"{line.SectorCount} sectors from sector {first} do not fit on {device}, which has {size}; shorten the line or extend the device");
        uint block = device.Limits.LogicalBlockBytes / Sectors.Bytes;
        if (first % block != 0)
            throw line.Error($"must be a multiple of {block}: {device} has logical blocks of {device.Limits.LogicalBlockBytes} bytes");
        ulong sectorCount = line.SectorCount ?? size - first;
        RequestLogSettings settings = RequestLogSettings.Read(line);
        Check(settings, sectorCount, why => new TableException(0, why));
        return new RequestLogTarget(device, first, sectorCount, settings, services, _sizes, _faults);
    }

    /// <summary>What one can know before it is so.</summary>
    internal static void Check(RequestLogSettings settings, ulong sectorCount, Func<string, TableException> refuse)
    {
        if (settings.Range is var (first, count) && (first >= sectorCount || count > sectorCount - first))
            throw refuse($"range: sectors {first} to {first + count - 1} are not all in this line, which has {sectorCount}");
        try
        {
            if (settings.File is not { } path)
                return;
            if (!Directory.Exists(Path.GetDirectoryName(path)))
                throw refuse($"file: there is no folder {Path.GetDirectoryName(path)}; make it first");
            RequestFile.Check(path, settings.Keep);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw refuse($"file: {e.Message}");
        }
    }
}
