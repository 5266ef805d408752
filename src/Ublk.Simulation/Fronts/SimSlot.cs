using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>One tag of a front: its request, its memory, and what the workload asked for.</summary>
sealed class SimSlot(Request request, int byteCount) : IDisposable
{
    public Request Request => request;

    public NativeBuffer Memory { get; } = new(byteCount);

    public bool IsBusy { get; set; }

    public BlockOp Op { get; set; }

    public BlockFlags Flags { get; set; }

    public ulong Sector { get; set; }

    public ulong SectorCount { get; set; }

    public long FlushMark { get; set; }

    public void Dispose() => Memory.Dispose();

    public override string ToString() =>
        $"a {Op}{((Flags & BlockFlags.Fua) != 0 ? " (FUA)" : "")} of sectors {Sector} to {Sector + SectorCount}";
}
