namespace Ublk.Simulation.Tests;

/// <summary>Somebody who keeps a copy of the device by what track tells it.</summary>
sealed class SimReader
{
    public required string Name { get; init; }

    /// <summary>What it has of the device.</summary>
    public required byte[] Copy { get; init; }

    /// <summary>The last checkpoint that it was told.</summary>
    public ulong Last { get; set; }

    /// <summary>Sectors that may have been written since then.</summary>
    public HashSet<ulong> Touched { get; set; } = [];

    /// <summary>Sectors that may have been written since it last asked, whether it got an answer or not.</summary>
    public HashSet<ulong> TouchedSinceAsked { get; set; } = [];

    /// <summary>Crashes since then.</summary>
    public int Crashes { get; set; }

    public SimReader Clone() => new() { Name = Name, Copy = [.. Copy], Last = Last, Touched = [.. Touched], Crashes = Crashes };
}
