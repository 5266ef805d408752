using System.Diagnostics;

namespace Ublk.Engine;

/// <summary>Notes how long each step of an operation took.</summary>
public sealed class StepClock
{
    readonly List<StepTime> _steps = [];
    long _since = Stopwatch.GetTimestamp();

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<StepTime> Steps => _steps;

    /// <summary>A step is over; the next begins.</summary>
    public void Done(string step)
    {
        long now = Stopwatch.GetTimestamp();
        _steps.Add(new StepTime(step, Stopwatch.GetElapsedTime(_since, now)));
        _since = now;
    }
}
