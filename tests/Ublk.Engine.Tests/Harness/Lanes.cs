namespace Ublk.Engine.Tests;

/// <summary>A load of requests on one worker, so many at a time.</summary>
static class Lanes
{
    public const int Count = 32;
    public const int SectorCount = 8;

    /// <summary>[W] Runs requests, three reads to two writes and now and then a flush; gives the bytes that the worker's thread allocated meanwhile, or minus an errno.</summary>
    public static async IoTask<long> Run(TestFront front, nint buffer, ulong deviceSectors, int requests)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        IoJoin join = front.Worker.RentJoin();
        for (int lane = 0; lane < Count; lane++)
            join.Add(Lane(front, new IoBytes(buffer, -1, lane * SectorCount * Sectors.Bytes, SectorCount * Sectors.Bytes), lane, deviceSectors, requests / Count));
        Joined joined = await join.All;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return joined.First == Errno.None ? allocated : -(long)joined.First;
    }

    /// <summary>[W] One request of every lane at the same moment, as often as it takes: the peak that pools grow to.</summary>
    public static async IoTask<Errno> Burst(TestFront front, nint buffer, BlockOp op, ulong sector)
    {
        ulong count = op == BlockOp.Flush ? 0ul : SectorCount;
        IoJoin join = front.Worker.RentJoin();
        for (int lane = 0; lane < Count; lane++)
            join.Add(front.Issue(op, sector, count, count == 0 ? default : new IoBytes(buffer, -1, lane * SectorCount * Sectors.Bytes, SectorCount * Sectors.Bytes)));
        return (await join.All).First;
    }

    static async IoTask<Errno> Lane(TestFront front, IoBytes data, int lane, ulong deviceSectors, int requests)
    {
        ulong sector = (ulong)lane * 97;
        for (int i = 0; i < requests; i++)
        {
            sector = (sector + 1009) % (deviceSectors - SectorCount);
            Errno error = (i % 500) == 499
                ? await front.Issue(BlockOp.Flush, 0, 0, default)
                : await front.Issue(i % 5 < 3 ? BlockOp.Read : BlockOp.Write, sector, SectorCount, data);
            if (error != Errno.None)
                return error;
        }
        return Errno.None;
    }
}
