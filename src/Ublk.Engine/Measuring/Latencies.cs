namespace Ublk.Engine;

/// <summary>How long reads and writes took, in nanoseconds, those that began while somebody watched. One thread at a time.</summary>
public sealed class Latencies
{
    const int Bits = 3;

    /// <summary>Of what nobody watched: for reading only.</summary>
    internal static Latencies None { get; } = new();

    /// <summary>Of reads.</summary>
    public Histogram Reads { get; } = new(Bits);

    /// <summary>Of writes.</summary>
    public Histogram Writes { get; } = new(Bits);

    internal void Record(BlockOp op, long latencyNs)
    {
        if (op == BlockOp.Read)
            Reads.Record(latencyNs);
        else if (op == BlockOp.Write)
            Writes.Record(latencyNs);
    }

    internal void Add(Latencies other)
    {
        Reads.Add(other.Reads);
        Writes.Add(other.Writes);
    }
}
