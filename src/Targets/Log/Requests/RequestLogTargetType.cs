using System.Text;

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
        Extent extent = await Extent.ReadAsync(line, "device", line.SectorCount, ct);
        ulong sectorCount = line.SectorCount ?? extent.SectorCount;
        RequestLogSettings settings = RequestLogSettings.Read(line);
        Check(settings, sectorCount, why => new TableException(0, why));
        return new RequestLogTarget(extent.Device, extent.First, sectorCount, settings, services, _sizes, _faults);
    }

    /// <summary>sun_path of sockaddr_un has 108 bytes, one of them for the end.</summary>
    const int LongestSocketPath = 107;

    /// <summary>What one can know before it is so.</summary>
    internal static void Check(RequestLogSettings settings, ulong sectorCount, Func<string, TableException> refuse)
    {
        if (settings.Range is var (first, count) && (first >= sectorCount || count > sectorCount - first))
            throw refuse($"range: sectors {first} to {first + count - 1} are not all in this line, which has {sectorCount}");
        if (settings.Socket is { } socket && Encoding.UTF8.GetByteCount(socket) > LongestSocketPath)
            throw refuse($"socket: the path is longer than {LongestSocketPath} bytes, which is the most for a socket");
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
