namespace Ublk.Engine;

/// <summary>A look at what one line of a live table has done since the table became live. Owned by who asked.</summary>
/// <param name="start">Its first sector.</param>
/// <param name="sectorCount">Its length in sectors.</param>
/// <param name="target">Name of its target type.</param>
public sealed class LineStats(ulong start, ulong sectorCount, string target)
{
    Traffic _traffic;

    /// <summary>Its first sector.</summary>
    public ulong Start => start;

    /// <summary>Its length in sectors.</summary>
    public ulong SectorCount => sectorCount;

    /// <summary>Name of its target type.</summary>
    public string Target => target;

    /// <summary>Of what its target was given: each part of a request that was split counts.</summary>
    public Traffic Traffic => _traffic;

    /// <summary>Of the same: how long since they came to the device, or to the one that hands on to it.</summary>
    public Latencies Latencies { get; private set; } = Latencies.None;

    /// <summary>[W] Adds what one worker has counted.</summary>
    internal void Add(LayerLine line)
    {
        line.AddTo(ref _traffic);
        if (line.Latencies is not { } latencies)
            return;
        if (Latencies == Latencies.None)
            Latencies = new Latencies();
        Latencies.Add(latencies);
    }
}
