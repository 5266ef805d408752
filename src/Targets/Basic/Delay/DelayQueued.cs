namespace Ublk.Targets.Basic;

/// <summary>How many requests are held at the moment.</summary>
record struct DelayQueued(int Reads, int Writes, int Flushes)
{
    public static DelayQueued operator +(DelayQueued a, DelayQueued b) =>
        new(a.Reads + b.Reads, a.Writes + b.Writes, a.Flushes + b.Flushes);

    public override readonly string ToString() => $"{Reads} {Writes} {Flushes}";
}
