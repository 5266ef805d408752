namespace Ublk.Targets.Snapshot;

sealed class OriginTarget(BackingDevice origin, OriginSnapshots snapshots, ulong sectorCount, StoreFaults faults) : Target
{
    TargetIo? _io;

    public override ulong SectorCount => sectorCount;

    /// <summary>A discard would have to be copied out like a write, for nothing: the kernel refuses it too.</summary>
    public override BlockOps Ops => origin.Ops & ~BlockOps.Discard;

    public override string Table => origin.Word;

    public override object Home => origin;

    public override TargetShard Open(TargetIo io)
    {
        _io = io;
        return new OriginShard(io, origin, snapshots, faults);
    }

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        int count = _io is { } io ? await io.InvokeAsync<int>(() => snapshots.Count) : 0;
        return [new("snapshots", $"{count}", count, Advice: count > 0 ? null : "writes go to the origin as they are until a snapshot of it is resumed")];
    }
}
