namespace Ublk.Engine;

/// <summary>How a device's ublk node shall be made. Fixed for its life.</summary>
/// <param name="Queues">Hardware queues; 0: one for each CPU, at most 4.</param>
/// <param name="Depth">Tags of each queue, 1 to 4096.</param>
/// <param name="MaxIoBytes">Longest request in bytes, a multiple of the page, at most 32 MiB.</param>
/// <param name="Mode">How bytes travel.</param>
/// <param name="Spread">Workers that share the tags of each queue, where the table has no state; each tag keeps its worker (Linux 6.16).</param>
public sealed record NodeOptions(int Queues = 0, int Depth = 128, int MaxIoBytes = 512 * 1024, DataMode Mode = DataMode.Auto, int Spread = 1)
{
    const int MostQueues = 64;
    const int MostTags = 4096;
    const int MostBytes = 32 << 20;

    /// <summary>Refuses what the driver would refuse without a word, or take as something else.</summary>
    /// <exception cref="DmException">A number is out of its range.</exception>
    internal void Check(int workers)
    {
        if (Spread < 1 || Spread > workers)
            throw new DmException(DmFailure.Failed, $"spread over {Spread} workers: out of range; 1 to {workers}, the workers that there are");
        if (Spread > Depth)
            throw new DmException(DmFailure.Failed, $"spread over {Spread} workers: more than the {Depth} requests of a queue; give a greater depth or a smaller spread");
        if (Queues is < 0 or > MostQueues)
            throw new DmException(DmFailure.Failed, $"{Queues} queues: out of range; 1 to {MostQueues}, or 0 for one for each CPU");
        if (Depth is < 1 or > MostTags)
            throw new DmException(DmFailure.Failed, $"depth {Depth}: out of range; 1 to {MostTags} requests in a queue");
        if (MaxIoBytes < Environment.SystemPageSize || MaxIoBytes > MostBytes || MaxIoBytes % Environment.SystemPageSize != 0)
        {
            throw new DmException(DmFailure.Failed, $"longest request {MaxIoBytes} bytes: must be a multiple of {Environment.SystemPageSize}, "
                + $"{Environment.SystemPageSize} to {MostBytes}");
        }
    }
}
