using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Ublk.Engine;

/// <summary>
/// Writes the devices' events to the log from a task of its own: a worker that raises one never waits for a log. What a log that is too slow
/// does not take is counted. Any thread.
/// </summary>
sealed partial class EventLog : IAsyncDisposable
{
    const int Capacity = 1024;

    static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(2);

    readonly Channel<(string Device, string Reason)> _events = Channel.CreateBounded<(string, string)>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    readonly ILogger _log;
    readonly Task _run;
    int _lost;

    public EventLog(ILogger log)
    {
        _log = log;
        _run = log.IsEnabled(LogLevel.Warning) ? Task.Run(RunAsync) : Task.CompletedTask;
    }

    public void Write(string device, string reason)
    {
        if (!_run.IsCompleted && !_events.Writer.TryWrite((device, reason)))
            Interlocked.Increment(ref _lost);
    }

    /// <summary>Writes what there is, within a time limit.</summary>
    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _run.WaitAsync(s_endLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task RunAsync()
    {
        await foreach ((string device, string reason) in _events.Reader.ReadAllAsync())
        {
            LogEvent(_log, device, reason);
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
                LogLost(_log, lost);
        }
    }

    [LoggerMessage(10, LogLevel.Warning, "Device {Name}: event: {Reason}")]
    static partial void LogEvent(ILogger log, string name, string reason);

    [LoggerMessage(14, LogLevel.Warning, "{Count} events of devices are not in this log, which was too slow for them")]
    static partial void LogLost(ILogger log, int count);
}
