using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>How the engine is set up.</summary>
/// <param name="Workers">Data-plane threads; 0: one for each CPU, at most 4.</param>
/// <param name="OperationTimeout">How long a suspend waits for requests in flight; null: 30 s.</param>
/// <param name="LinkFolder">Where the symlinks named after devices are made.</param>
/// <param name="HelperProgram">The program that is run as a helper process, see <see cref="HelperVerb"/>; null: no checks that need one.</param>
/// <param name="PollUs">How long a worker looks for work before it sleeps, in microseconds; 0: not at all.</param>
/// <param name="BufferBytes">
/// Memory for requests' bytes, for all devices together. Copy mode keeps so much in its tags, and beyond it up to 32 KiB of each tag and
/// what the driver has filled for writes in flight; the other modes rent so much at most, and beyond it one request of each queue.
/// </param>
/// <param name="IsPinned">
/// Each worker stays on its part of the CPUs, and queues go to the worker whose CPUs their requests come from. Not by default: a worker
/// that shares one CPU with who waits for it runs only when that one does not (docs/performance.md).
/// </param>
public sealed record EngineOptions(
    int Workers = 0, TimeSpan? OperationTimeout = null, string LinkFolder = OwnNodes.LinkFolder, string? HelperProgram = null,
    int PollUs = 0, long BufferBytes = 256 << 20, bool IsPinned = false)
{
    /// <summary>The time limit in force.</summary>
    public TimeSpan Timeout => OperationTimeout ?? TimeSpan.FromSeconds(30);

    /// <summary>The number of workers in force.</summary>
    public int WorkerCount => Workers > 0 ? Workers : Math.Min(Environment.ProcessorCount, 4);
}
