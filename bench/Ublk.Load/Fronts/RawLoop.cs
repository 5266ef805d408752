using System.Diagnostics;
using Ublk.Engine;
using Ublk.Interop;

namespace Ublk.Load;

/// <summary>
/// The same closed loop on an io_uring set up as a worker's, without the engine: what is left of the two is what the engine costs.
/// </summary>
sealed class RawLoop(FileDevice file, Workload workload, Blocks blocks, Meter meter)
{
    const uint CompletionEntries = 8192;

    /// <summary>Runs on the calling thread until the meter has what it wants; gives the first error.</summary>
    public unsafe Errno Run()
    {
        using var payload = new Payload(workload);
        using var ring = Uring.Create(
            (uint)workload.Depth, IoUringSetup.SINGLE_ISSUER | IoUringSetup.DEFER_TASKRUN | IoUringSetup.SUBMIT_ALL, CompletionEntries);
        long[] startedAt = new long[workload.Depth];
        Errno error = Errno.None;
        int inFlight = workload.Depth;
        for (int slot = 0; slot < workload.Depth; slot++)
            Start(slot);
        while (inFlight > 0)
        {
            int entered = ring.Enter(1, -1);
            if (entered < 0 && -entered is not (ErrnoCode.EBUSY or ErrnoCode.EAGAIN))
                throw new LoadException($"io_uring_enter: {ErrnoName.Describe(entered)}");
            bool goesOn = meter.GoesOn(Stopwatch.GetTimestamp()) && error == Errno.None;
            while (ring.TryTake(out IoUringCqe cqe))
            {
                int slot = (int)cqe.UserData;
                if (cqe.Res != workload.BlockBytes)
                    error = cqe.Res < 0 ? (Errno)(-cqe.Res) : Errno.IO;
                else if (workload.HasLatencies)
                    meter.Count(Stopwatch.GetTimestamp() - startedAt[slot]);
                else
                    meter.Count();
                if (goesOn)
                    Start(slot);
                else
                    inFlight--;
            }
        }
        return error;

        void Start(int slot)
        {
            BlockOp op = blocks.Next(out ulong sector);
            IoUringSqe* sqe = ring.NextSqe();
            sqe->Opcode = op == BlockOp.Read ? IoUringOp.READ : IoUringOp.WRITE;
            sqe->Fd = file.Fd;
            sqe->Addr = (ulong)payload.Of(slot).Address;
            sqe->Len = (uint)workload.BlockBytes;
            sqe->Off = sector << Sectors.Shift;
            sqe->UserData = (ulong)slot;
            if (workload.HasLatencies)
                startedAt[slot] = Stopwatch.GetTimestamp();
        }
    }
}
