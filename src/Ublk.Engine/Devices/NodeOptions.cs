namespace Ublk.Engine;

/// <summary>How a device's ublk node shall be made. Fixed for its life.</summary>
/// <param name="Queues">Hardware queues; 0: one for each CPU, at most 4.</param>
/// <param name="Depth">Tags of each queue, 1 to 4096.</param>
/// <param name="MaxIoBytes">Longest request in bytes, a multiple of the page, at most 32 MiB.</param>
public sealed record NodeOptions(int Queues = 0, int Depth = 128, int MaxIoBytes = 512 * 1024);
