using Microsoft.Extensions.Logging;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class DeviceEventsTests
{
    [Fact]
    public async Task Who_raises_an_event_waits_for_no_log_and_what_the_log_does_not_take_is_counted()
    {
        var log = new StuckLog();
        await using var written = new EventLog(log);
        var events = new DeviceEvents("d", written);
        events.Raise("first");
        await log.Entered.Task;         // and stuck
        for (int i = 0; i < 1500; i++)
            events.Raise("more");
        Assert.Equal(1501u, events.Number);
        Assert.Equal(1501u, await events.WaitAsync(1500, default).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

        log.Goes.Set();
        await written.DisposeAsync();
        Assert.Equal("Device d: event: first", log.Lines.First());
        Assert.Equal("476 events of devices are not in this log, which was too slow for them", Assert.Single(log.Lines, line => !line.StartsWith("Device", StringComparison.Ordinal)));
        Assert.Equal(1 + 1024 + 1, log.Lines.Count);
    }

    [Fact]
    public async Task Whoever_waits_while_events_come_misses_none()
    {
        await using var log = new EventLog(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var events = new DeviceEvents("d", log);
        const uint Count = 50_000;
        uint seen = 0;
        Task raising = Task.Run(() =>
        {
            for (uint i = 0; i < Count; i++)
            {
                // Each just as the one who waits begins to wait for it, and the next not before: no later event wakes who missed one.
                SpinWait.SpinUntil(() => Volatile.Read(ref seen) == i);
                events.Raise("more");
            }
        }, TestContext.Current.CancellationToken);
        while (seen < Count)
            Volatile.Write(ref seen, await events.WaitAsync(seen, default).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await raising;
    }

    sealed class StuckLog : ILogger
    {
        public ManualResetEventSlim Goes { get; } = new();

        public TaskCompletionSource Entered { get; } = new();

        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines.Add(formatter(state, exception));
            Entered.TrySetResult();
            Goes.Wait();
        }
    }
}
