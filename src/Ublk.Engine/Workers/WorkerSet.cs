using System.Collections;
using Microsoft.Extensions.Logging;

namespace Ublk.Engine;

/// <summary>The data plane's threads, one list for the process. [C]</summary>
public sealed partial class WorkerSet : IReadOnlyList<Worker>, IAsyncDisposable
{
    readonly ThreadWorker[] _workers;

    /// <summary>Starts the threads.</summary>
    public WorkerSet(EngineOptions options, ILoggerFactory log)
    {
        int count = options.WorkerCount;
        CpuSet[]? parts = options.IsPinned ? CpuSet.OfThisThread().Split(count) : null;
        _workers = new ThreadWorker[count];
        for (int i = 0; i < count; i++)
            _workers[i] = new ThreadWorker(i, new WorkerSetup(options.PollUs * 1000L, parts?[i], options.BufferBytes / count));
        LogStarted(log.CreateLogger<WorkerSet>(), count);
    }

    /// <summary>Starts so many threads.</summary>
    public WorkerSet(int count, ILoggerFactory log)
        : this(new EngineOptions(count), log)
    {
    }

    /// <inheritdoc/>
    public int Count => _workers.Length;

    /// <inheritdoc/>
    public Worker this[int index] => _workers[index];

    /// <inheritdoc/>
    public IEnumerator<Worker> GetEnumerator() => _workers.AsEnumerable<Worker>().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.Run(() =>
        {
            foreach (ThreadWorker worker in _workers)
                worker.Dispose();
        });
    }

    [LoggerMessage(1, LogLevel.Information, "{Count} workers, each with a thread and an io_uring")]
    static partial void LogStarted(ILogger log, int count);
}
