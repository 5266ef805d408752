namespace Ublk.Targets.Mirror;

/// <summary>Who has a log device now: a table that is reloaded hands it on, two mirrors at a time must not have it. Any thread.</summary>
sealed class LogHolder
{
    DiskLog? _holder;

    public bool TryTake(DiskLog log) => Interlocked.CompareExchange(ref _holder, log, null) is var holder && (holder is null || holder == log);

    /// <summary>Whoever has it: a table that goes on takes it from one that was to follow, and did not.</summary>
    public void Take(DiskLog log) => Volatile.Write(ref _holder, log);

    public void LetGo(DiskLog log) => Interlocked.CompareExchange(ref _holder, null, log);
}
