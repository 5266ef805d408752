namespace Ublk.Targets.Basic;

/// <summary>Whether a flakey line is up or down. Time zero is the load of its table, as in the kernel.</summary>
sealed class FlakeyClock(uint upSeconds, uint downSeconds, TimeProvider time)
{
    const long NsPerSecond = 1_000_000_000;

    readonly long _loaded = time.GetTimestamp();

    public uint UpSeconds => upSeconds;

    public uint DownSeconds => downSeconds;

    /// <summary>How old the table is. The worker's clock need not be this one, so a shard takes the age over when it starts.</summary>
    public long AgeNs => (long)time.GetElapsedTime(_loaded).TotalNanoseconds;

    public bool IsDown(long ageNs) => (ulong)(ageNs / NsPerSecond) % ((ulong)upSeconds + downSeconds) >= upSeconds;
}
