namespace Ublk.Engine;

/// <summary>How a worker runs.</summary>
/// <param name="PollNs">How long it looks for work before it sleeps, at most; 0: it sleeps at once.</param>
/// <param name="Cpus">The CPUs it may run on; null: any.</param>
/// <param name="RequestMemoryBytes">Memory for requests whose bytes are in the kernel and must be seen here.</param>
sealed record WorkerSetup(long PollNs = 0, CpuSet? Cpus = null, long RequestMemoryBytes = Worker.DefaultRequestMemoryBytes);
