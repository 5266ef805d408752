using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>One I/O in flight: a request's, or one of the control plane.</summary>
sealed unsafe class SimIo
{
    public required SimDisk Disk { get; init; }

    public required BlockOp Op { get; init; }

    public required BlockFlags Flags { get; init; }

    public required ulong Sector { get; init; }

    public required ulong SectorCount { get; init; }

    /// <summary>What is written, as it was at submission.</summary>
    public byte[]? Written { get; init; }

    /// <summary>How many writes of its disk had completed at submission: what a flush makes durable.</summary>
    public long FlushMark { get; init; }

    /// <summary>Of a write: its place among its disk's writes in the order in which they completed.</summary>
    public long Number { get; set; } = long.MaxValue;

    public bool HasCompleted => Number != long.MaxValue;

    public SimWorker? Worker { get; init; }

    public Request? Request { get; init; }

    /// <summary>Of the control plane.</summary>
    public Memory<byte> Into { get; init; }

    public TaskCompletionSource<Errno>? Answer { get; init; }

    public bool IsWrite => Written is not null;

    public static SimIo Of(SimWorker worker, Request request, SimDisk disk) => new()
    {
        Disk = disk,
        Op = request.Op,
        Flags = request.Flags,
        Sector = request.Sector,
        SectorCount = request.SectorCount,
        Written = request.Op switch
        {
            BlockOp.Write => BytesOf(request).ToArray(),
            BlockOp.WriteZeroes => new byte[request.SectorCount << Sectors.Shift],
            BlockOp.Discard => disk.DiscardContent(request.SectorCount),
            _ => null,
        },
        FlushMark = disk.CompletedWrites,
        Worker = worker,
        Request = request,
    };

    /// <summary>What is wrong with it; null: nothing.</summary>
    public string? Fault()
    {
        uint block = Disk.Limits.LogicalBlockBytes >> Sectors.Shift;
        if (Sector + SectorCount > Disk.EndSector || Sector + SectorCount < Sector)
            return "goes behind the end of the disk";
        if (Op == BlockOp.Flush)
            return SectorCount == 0 ? null : "is a flush with sectors";
        if (SectorCount == 0)
            return "has no sectors";
        if (Sector % block != 0 || SectorCount % block != 0)
            return "is no whole number of logical blocks";
        int bytes = Request?.Data.Count ?? Into.Length;
        return Op is BlockOp.Read or BlockOp.Write && Request is not null && bytes != (int)(SectorCount << Sectors.Shift)
            ? $"has {bytes} bytes of memory" : null;
    }

    /// <summary>Whether somebody changed what is being written.</summary>
    public bool WasChanged => Op == BlockOp.Write && Request is { } request && !BytesOf(request).SequenceEqual(Written);

    /// <summary>What it writes to one of its sectors.</summary>
    public ReadOnlyMemory<byte> SectorAt(ulong sector) => Written.AsMemory((int)((sector - Sector) << Sectors.Shift), Sectors.Bytes);

    public Span<byte> Fill => Request is { } request ? BytesOf(request) : Into.Span;

    /// <summary>A ring gets at registered bytes, too.</summary>
    static Span<byte> BytesOf(Request request) => new((void*)request.Data.Address, request.Data.Count);

    public override string ToString() =>
        $"{Op} of {SectorCount} sectors at {Sector} of {Disk}{(Worker is null ? " by the control plane" : "")}";
}
