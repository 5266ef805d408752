namespace Ublk.Targets.Mirror;

/// <summary>A log on a device: after a crash only the regions that were being written are recovered.</summary>
public sealed class DiskLogType : DirtyLogType
{
    readonly MirrorFaults _faults;
    readonly LostLogs _lost = new();

    /// <summary>The log type as the host registers it.</summary>
    public DiskLogType()
        : this(MirrorFaults.None)
    {
    }

    internal DiskLogType(MirrorFaults faults) => _faults = faults;

    /// <inheritdoc/>
    public override string Name => "disk";

    /// <inheritdoc/>
    public override string Syntax => "<log device> <region sectors> [sync|nosync]";

    /// <inheritdoc/>
    public override int MinArguments => 2;

    /// <inheritdoc/>
    public override int MaxArguments => 3;

    /// <inheritdoc/>
    public override async ValueTask<IDirtyLog> ConstructAsync(TableLine line, int argumentCount, ITargetServices services, CancellationToken ct)
    {
        BackingDevice device = await line.StoreAsync(DiskLog.DeviceName, Claim.Handover, DiskLogFormat.BitmapOffset, IsLog, ct);
        (uint regionSectors, bool? startsInSync) = RegionLog.ReadRegionSectors(line, argumentCount == 3);
        return new DiskLog(device, regionSectors, startsInSync, services, _lost, _faults);
    }

    /// <summary>
    /// A log, perhaps with a damaged header, which then begins anew. Only zeroes are none yet. One that cannot be read fails at the resume, as the kernel's does,
    /// and nothing is written to it before it can be.
    /// </summary>
    static bool IsLog(ReadOnlyMemory<byte> head) =>
        head.IsEmpty || (head.Length >= DiskLogFormat.BitmapOffset && DiskLogFormat.ReadHeader(head.Span).Magic != 0
        && !DiskLogFormat.HoldsSomethingElse(head.Span[..DiskLogFormat.BitmapOffset]));
}
