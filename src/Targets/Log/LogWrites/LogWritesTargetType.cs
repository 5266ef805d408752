using Ublk.Formats.LogWrites;

namespace Ublk.Targets.Log;

/// <summary>One device, and a log of everything that is written to it, in the order in which it became durable: for tests of what survives a crash.</summary>
public sealed class LogWritesTargetType : TargetType
{
    /// <summary>What can wait for a flush before it is logged without one: a journal's transaction or two of a file system in use.</summary>
    const int CopyBytes = 32 << 20;

    const string LogName = "log device";

    /// <summary>Looked at to see what a device holds: the first sectors, where file systems, partitions and volumes say what they are.</summary>
    const int LookedAtBytes = 8192;

    readonly LogWritesFaults _faults;
    readonly int _copyBytes;

    /// <summary>The target type as the host registers it.</summary>
    public LogWritesTargetType()
        : this(LogWritesFaults.None, CopyBytes)
    {
    }

    internal LogWritesTargetType(LogWritesFaults faults, int copyBytes = CopyBytes)
    {
        _faults = faults;
        _copyBytes = copyBytes;
    }

    /// <inheritdoc/>
    public override string Name => "log-writes";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 1, 0);

    /// <inheritdoc/>
    public override string Syntax => "<device> <log device>";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        if (line.Options.ReadOnly)
            throw new TableException(0, "a read-only device has nothing to log; use linear");
        BackingDevice device = await line.DeviceAsync("device", Claim.Shared, ct);
        if (line.SectorCount > device.SectorCount)
            throw line.Error($"{line.SectorCount} sectors do not fit on {device}, which has {device.SectorCount}; shorten the line or extend the device");
        BackingDevice log = await line.StoreAsync(LogName, Claim.Exclusive, LookedAtBytes, IsLog, ct);
        uint sectorBytes = Math.Max(Sectors.Bytes, Math.Max(device.Limits.LogicalBlockBytes, log.Limits.LogicalBlockBytes));
        uint sectors = sectorBytes / Sectors.Bytes;
        // As in the kernel, the last sector stays free.
        if (log.SectorCount <= 2 * sectors)
            throw line.Error($"{log} has {log.SectorCount} sectors: too few for the super block and a mark; give a larger device, as large as all that will be written");
        if (await log.ReadAsync(0, new byte[sectorBytes]) is not Errno.None and var error)
            throw line.Error($"{log} cannot be read: {error}");
        line.End();
        return new LogWritesTarget(device, log, line.SectorCount ?? device.SectorCount, sectorBytes, services, _copyBytes, _faults);
    }

    /// <summary>A log is begun anew; anything else may be somebody's. (The kernel asks nobody.)</summary>
    static bool IsLog(ReadOnlyMemory<byte> head) => head.Length >= LogWritesSuper.ByteCount && LogWritesSuper.HasMagic(head.Span);
}
