namespace Ublk.Engine;

/// <summary>How the engine is set up.</summary>
/// <param name="Workers">Data-plane threads; 0: one for each CPU, at most 4.</param>
/// <param name="OperationTimeout">How long a suspend waits for requests in flight; null: 30 s.</param>
/// <param name="LinkFolder">Where the symlinks named after devices are made.</param>
/// <param name="HelperCommand">Command that runs this binary as a helper process; null: no checks that need one.</param>
public sealed record EngineOptions(
    int Workers = 0, TimeSpan? OperationTimeout = null, string LinkFolder = "/dev/ublk-dm", IReadOnlyList<string>? HelperCommand = null)
{
    /// <summary>The time limit in force.</summary>
    public TimeSpan Timeout => OperationTimeout ?? TimeSpan.FromSeconds(30);

    /// <summary>The number of workers in force.</summary>
    public int WorkerCount => Workers > 0 ? Workers : Math.Min(Environment.ProcessorCount, 4);
}
