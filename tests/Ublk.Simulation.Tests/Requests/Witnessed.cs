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
