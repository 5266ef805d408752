namespace Ublk.Load;

/// <summary>What a worker sees at the end of the warm-up and of each round.</summary>
/// <param name="Ticks">Stopwatch ticks.</param>
/// <param name="Completed">Requests completed since the beginning.</param>
/// <param name="AllocatedBytes">By this thread, ever.</param>
/// <param name="UserTime">CPU time of the process in user mode.</param>
/// <param name="SystemTime">CPU time of the process in the kernel, io-wq threads included.</param>
readonly record struct Mark(long Ticks, long Completed, long AllocatedBytes, TimeSpan UserTime, TimeSpan SystemTime);
