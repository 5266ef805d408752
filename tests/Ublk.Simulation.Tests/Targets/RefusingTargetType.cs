namespace Ublk.Simulation.Tests;

/// <summary>A table line whose resume is refused: <c>refusing</c>. It can be loaded, so what stands beside it is prepared in vain.</summary>
sealed class RefusingTargetType : TargetType
{
    public override string Name => "refusing";

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "";

    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) => new(new RefusingTarget(line.SectorCount ?? 1));

    sealed class RefusingTarget(ulong sectorCount) : Target
    {
        public override ulong SectorCount => sectorCount;

        public override BlockOps Ops => BlockOps.All;

        public override string Table => "";

        public override TargetShard Open(TargetIo io) => throw new InvalidOperationException("it was refused");

        public override ValueTask PrepareAsync(CancellationToken ct) => throw new TableException(0, "this line refuses");
    }
}
