namespace Ublk.Benchmarks;

/// <summary><c>gate</c>: requests wait until the benchmark opens it, so that every layer above really waits.</summary>
sealed class GateTargetType : TargetType
{
    /// <summary>[W] What requests wait for; there is one worker.</summary>
    public static IoEvent Opened { get; } = new();

    public override string Name => "gate";

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "";

    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) =>
        new(new GateTarget(line.SectorCount ?? 1));

    sealed class GateTarget(ulong sectorCount) : Target
    {
        public override ulong SectorCount => sectorCount;

        public override BlockOps Ops => BlockOps.All;

        public override string Table => "";

        public override TargetShard Open(TargetIo io) => new Shard();
    }

    sealed class Shard : TargetShard
    {
        public override MapResult Map(BlockRequest request) => Wait();

        static async IoTask<Errno> Wait() => await Opened;
    }
}
