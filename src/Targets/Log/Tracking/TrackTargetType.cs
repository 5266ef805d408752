using System.Numerics;

namespace Ublk.Targets.Log;

/// <summary>Knows which blocks of a device changed since a checkpoint, also after a crash; or says that it does not know.</summary>
public sealed class TrackTargetType : TargetType
{
    internal const int MetadataArgument = 4;
    internal const string MetadataName = "metadata";

    const string NoMetadata = "-";
    const string Keep = "keep";
    const string Active = "active";
    const int DefaultKeep = 16;
    const int MostKept = 4096;
    const uint MostBlockSectors = 8192;

    readonly TrackLimits _limits;
    readonly TrackFaults _faults;
    readonly MapOwnerships _ownerships = new();

    /// <summary>The target type as the host registers it.</summary>
    public TrackTargetType()
        : this(TrackLimits.Product, TrackFaults.None)
    {
    }

    internal TrackTargetType(TrackLimits limits, TrackFaults faults)
    {
        _limits = limits;
        _faults = faults;
    }

    /// <inheritdoc/>
    public override string Name => "track";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override string Syntax => $"<device> <first sector> <block sectors> [<metadata device or file> | {NoMetadata}] [<feature words> {Keep} <checkpoints> {Active} <extents>]";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        Extent extent = await Extent.ReadAsync(line, "device", line.SectorCount, ct, Claim.Exclusive);
        ulong sectorCount = line.SectorCount ?? extent.SectorCount;
        uint blockSectors = (uint)line.Number("block sectors", _limits.LeastBlockSectors, Math.Min(MostBlockSectors, _limits.ExtentSectors));
        if (!BitOperations.IsPow2(blockSectors))
            throw line.Error($"must be a power of two: {BitOperations.RoundUpToPowerOf2(blockSectors)} is the next");
        if (blockSectors * Sectors.Bytes < extent.Device.Limits.LogicalBlockBytes)
            throw line.Error($"is less than a logical block of {extent.Device}, {extent.Device.Limits.LogicalBlockBytes} bytes");
        if (sectorCount / _limits.ExtentSectors >= int.MaxValue)
            throw line.Error($"{sectorCount} sectors are more than a map can have");
        var geometry = new TrackGeometry(sectorCount, blockSectors, _limits.ExtentSectors, _limits.PageBlocks);
        TrackMetadata? metadata = line.Remaining == 0 ? null : await ReadMetadataAsync(line, geometry, ct);
        (int keep, int active) = ReadFeatures(line);
        line.End();
        var target = new TrackTarget(extent, geometry, metadata, _ownerships.Of(extent, geometry, metadata?.Device), new(keep, active), services, _limits, _faults);
        await target.CheckAsync(line.Options.Force);
        return target;
    }

    async ValueTask<TrackMetadata?> ReadMetadataAsync(TableLine line, TrackGeometry geometry, CancellationToken ct)
    {
        if (line.Mentions(NoMetadata))
        {
            string word = line.Word(MetadataName);
            return word == NoMetadata ? null : throw line.Error($"'{NoMetadata}' stands alone, in the place of the metadata device");
        }
        BackingDevice device = await line.StoreAsync(
            MetadataName, Claim.Handover, TrackLoader.CommitBytes, TrackLoader.IsMap, ct, TrackMetadata.DefaultSectors(geometry, _limits));
        if (device.Limits.LogicalBlockBytes > CommitBlock.Bytes)
            throw line.Error($"{device} has logical blocks of {device.Limits.LogicalBlockBytes} bytes; {CommitBlock.Bytes} is the most");
        ulong least = TrackMetadata.LeastSectors(geometry, _limits);
        if (device.SectorCount < least)
        {
            throw line.Error($"{device} has {device.SectorCount} sectors, too few for a map of {geometry.BlockCount} blocks: {least} are needed, "
                + $"{TrackMetadata.DefaultSectors(geometry, _limits)} leave room for history; give a larger one, or choose larger blocks");
        }
        // A commit that finds no room later would stop the tracking; nothing is changed by this.
        if (await device.AllocateAsync(0, device.SectorCount) is not Errno.None and var full)
            throw line.Error($"{device} cannot be given the room that it promises, {device.SectorCount} sectors: {full}; make room on its file system");
        return new TrackMetadata(device, geometry);
    }

    (int Keep, int Active) ReadFeatures(TableLine line)
    {
        (int keep, int active) = (DefaultKeep, _limits.MostActive);
        ulong words = line.Remaining == 0 ? 0 : line.Number("number of feature words", 0, 4);
        if (words > (ulong)line.Remaining)
            throw line.Error($"says {words}, but {line.Remaining} follow");
        for (; words > 0; words -= 2)
        {
            string word = line.Word("feature");
            if (words == 1)
                throw line.Error($"'{word}' needs a number, and the number of feature words counts it");
            if (word == Keep)
                keep = (int)line.Number("checkpoints to keep", 1, MostKept);
            else if (word == Active)
                active = (int)line.Number("extents that may be active", 1, (ulong)_limits.MostActive);
            else
                throw line.Error($"'{word}' is no feature; there are {Keep} <checkpoints> and {Active} <extents>");
        }
        return (keep, active);
    }
}
