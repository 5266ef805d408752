namespace Ublk.Targets.Basic;

/// <summary>Where one class of requests goes, and after how long.</summary>
sealed record DelayRoute(Extent Extent, uint DelayMs)
{
    public long DelayNs => DelayMs * 1_000_000L;

    public override string ToString() => $"{Extent} {DelayMs}";
}
