using System.Diagnostics;
using System.Runtime.CompilerServices;
using Ublk.Engine;

namespace Ublk.Load;

/// <summary>Counts what one worker's loop completes, round by round. [W] Allocates nothing once it is made.</summary>
sealed class Meter
{
    readonly Mark[] _marks;
    readonly long _roundTicks;
    long _nextAt;
    int _markCount;
    long _completed;
    volatile bool _isCancelled;

    /// <param name="workload">Says how many rounds, and how long.</param>
    /// <param name="origin">Stopwatch ticks when the warm-up begins, the same for all workers.</param>
    public Meter(Workload workload, long origin)
    {
        _marks = new Mark[workload.Rounds + 1];
        _roundTicks = Ticks(workload.Round);
        _nextAt = origin + Ticks(workload.WarmUp);
    }

    /// <summary>Latencies of the measured requests in Stopwatch ticks, which are nanoseconds on Linux.</summary>
    public Histogram Latencies { get; } = new(7);

    /// <summary>The end of the warm-up, then of each round.</summary>
    public ReadOnlySpan<Mark> Marks => _marks.AsSpan(0, _markCount);

    /// <summary>Requests completed, those of the warm-up and after the last round included.</summary>
    public long Completed => _completed;

    bool IsMeasuring => _markCount > 0 && _markCount < _marks.Length;

    /// <summary>A request completed.</summary>
    public void Count() => _completed++;

    /// <summary>A request completed after so many ticks.</summary>
    public void Count(long latencyTicks)
    {
        _completed++;
        if (IsMeasuring)
            Latencies.Record(latencyTicks);
    }

    /// <summary>Once in a turn: false when the last round is over.</summary>
    public bool GoesOn(long nowTicks) => (nowTicks < _nextAt || Pass(nowTicks)) && !_isCancelled;

    /// <summary>[any thread] The next turn is the last.</summary>
    public void Cancel() => _isCancelled = true;

    static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    [MethodImpl(MethodImplOptions.NoInlining)]
    bool Pass(long nowTicks)
    {
        if (_markCount == _marks.Length)
            return false;
        Environment.ProcessCpuUsage cpu = Environment.CpuUsage;
        _marks[_markCount++] = new Mark(nowTicks, _completed, GC.GetAllocatedBytesForCurrentThread(), cpu.UserTime, cpu.PrivilegedTime);
        _nextAt = _markCount == _marks.Length ? 0 : nowTicks + _roundTicks;
        return _markCount < _marks.Length;
    }
}
