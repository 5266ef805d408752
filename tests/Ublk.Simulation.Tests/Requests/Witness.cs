namespace Ublk.Simulation.Tests;

/// <summary>What a witness saw of one request.</summary>
sealed class Witnessed
{
    public required BlockOp Op { get; init; }

    public required BlockFlags Flags { get; init; }

    public required ulong Sector { get; init; }

    public required ulong SectorCount { get; init; }

    public required long ArrivedNs { get; init; }

    public long DoneNs { get; set; }

    public Errno Result { get; set; }
}

/// <summary>Requests in the order in which they came, seen by a layer right above or below the one that is tested: in the same step of the run.</summary>
sealed class Witness
{
    public List<Witnessed> Seen { get; } = [];

    /// <summary>Whether a request concerns it.</summary>
    public Func<BlockRequest, bool> Wants { get; set; } = _ => true;
}

/// <summary>The target <c>witness NAME DEVICE</c>.</summary>
sealed class WitnessTargetType(Dictionary<string, Witness> witnesses) : TargetType
{
    public override string Name => "witness";

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "<name> <device>";

    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        Witness witness = witnesses[line.Word("name")];
        return new WitnessTarget(witness, await line.DeviceAsync("device", Claim.Shared, ct), line.SectorCount!.Value);
    }
}

sealed class WitnessTarget(Witness witness, BackingDevice device, ulong sectorCount) : Target
{
    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => device.Ops;

    public override string Table => $"{device}";

    public override TargetShard Open(TargetIo io) => new Shard(io, witness, device);

    sealed class Shard(TargetIo io, Witness witness, BackingDevice device) : TargetShard
    {
        public override MapResult Map(BlockRequest request) => witness.Wants(request) ? Watch(request) : request.Remap(device, request.Sector);

        async IoTask<Errno> Watch(BlockRequest request)
        {
            var seen = new Witnessed
            {
                Op = request.Op, Flags = request.Flags, Sector = request.Sector, SectorCount = request.SectorCount, ArrivedNs = io.NowNs,
            };
            witness.Seen.Add(seen);
            seen.Result = await io.Forward(request, device, request.Sector);
            seen.DoneNs = io.NowNs;
            return seen.Result;
        }
    }
}
