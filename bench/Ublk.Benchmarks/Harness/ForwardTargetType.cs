namespace Ublk.Benchmarks;

/// <summary><c>forward DEVICE FIRST</c>: linear as an async method, which is what a mirror's or a snapshot's way costs at least.</summary>
sealed class ForwardTargetType : TargetType
{
    public override string Name => "forward";

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "<device> <first sector>";

    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        BackingDevice device = await line.DeviceAsync("device", Claim.Shared, ct);
        return new ForwardTarget(device, line.Number("first sector"));
    }

    sealed class ForwardTarget(BackingDevice device, ulong first) : Target
    {
        public override ulong SectorCount => device.SectorCount - first;

        public override BlockOps Ops => device.Ops;

        public override string Table => $"{device.Word} {first}";

        public override TargetShard Open(TargetIo io) => new Shard(io, device, first);
    }

    sealed class Shard(TargetIo io, BackingDevice device, ulong first) : TargetShard
    {
        public override MapResult Map(BlockRequest request) => Through(request);

        async IoTask<Errno> Through(BlockRequest request) => await io.Forward(request, device, first + request.Sector);
    }
}
