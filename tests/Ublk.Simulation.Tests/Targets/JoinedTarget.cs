namespace Ublk.Simulation.Tests;

sealed class JoinedTarget(Simulation simulation, JoinedPart[] parts, string? home, bool requeues, JoinedBugs bugs) : Target
{
    readonly List<(TargetIo Io, JoinedShard Shard)> _shards = [];

    public override ulong SectorCount => parts[^1].Start + parts[^1].SectorCount;

    public override BlockOps Ops => BlockOps.All;

    public override object? Home => home;

    public override string Table => $"{home ?? "-"} {string.Join(' ', parts.Select(part => $"{part.Device.Word} {part.First} {part.SectorCount}"))}";

    public override TargetShard Open(TargetIo io)
    {
        var shard = new JoinedShard(simulation, io, parts, requeues, bugs);
        _shards.Add((io, shard));
        return shard;
    }

    /// <summary>Answers <c>inside</c>: how many requests each shard has, asked on its worker.</summary>
    public override async ValueTask<string> MessageAsync(string[] words, CancellationToken ct)
    {
        var counts = new List<int>();
        foreach ((TargetIo io, JoinedShard shard) in _shards)
            counts.Add(await io.InvokeAsync(shard.CountInside));
        return string.Join(' ', counts);
    }
}
