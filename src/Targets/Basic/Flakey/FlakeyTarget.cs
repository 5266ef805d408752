namespace Ublk.Targets.Basic;

sealed class FlakeyTarget(Extent extent, FlakeyClock clock, FlakeyFeatures features, ulong sectorCount) : Target
{
    /// <summary>A write that is corrupted is copied first, so it must fit into a part of the shard's memory: 1 MiB.</summary>
    const uint LongestCopySectors = 2048;

    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => extent.Device.Ops;

    public override string Table => $"{extent} {clock.UpSeconds} {clock.DownSeconds} {features}";

    public override bool SeesData => features.SeesData;

    public override void Limit(ref BlockLimits limits)
    {
        if (features.CorruptsWrites && limits.MaxSectors is (0 or > LongestCopySectors))
            limits.MaxSectors = LongestCopySectors;
    }

    public override ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        bool down = clock.IsDown(clock.AgeNs);
        return new([new("state", down ? "down" : "up", down ? 0 : 1)]);
    }

    public override TargetShard Open(TargetIo io) => new FlakeyShard(io, extent, clock, features);
}
