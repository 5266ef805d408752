namespace Ublk.Engine;

/// <summary>A device's events: their number, who waits for the next, and the log. Any thread, workers too: nothing here waits.</summary>
sealed class DeviceEvents(string device, EventLog log)
{
    TaskCompletionSource _next = NewEvent();
    uint _number;

    /// <summary>So many there were.</summary>
    public uint Number => Volatile.Read(ref _number);

    public void Raise(string reason)
    {
        Interlocked.Increment(ref _number);
        Interlocked.Exchange(ref _next, NewEvent()).SetResult();
        log.Write(device, reason);
    }

    /// <summary>Returns as soon as the number differs from the given one.</summary>
    public async Task<uint> WaitAsync(uint number, CancellationToken ct)
    {
        while (true)
        {
            // The task before the number: an event in between has ended the task by then.
            Task changed = Volatile.Read(ref _next).Task;
            if (Number != number)
                return Number;
            await changed.WaitAsync(ct);
        }
    }

    static TaskCompletionSource NewEvent() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
