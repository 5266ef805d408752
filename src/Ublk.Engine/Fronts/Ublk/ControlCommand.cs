using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// One control command at a time: a small ring and the memory that commands read and write. [C] Both belong to the kernel until the
/// command completes, also when its caller has stopped waiting.
/// </summary>
sealed unsafe class ControlCommand : IDisposable
{
    /// <summary>Enough for every structure of the protocol.</summary>
    public const int ExchangeBytes = 256;

    const int LookMs = 60_000, PauseMs = 1000;

    readonly Uring _ring = Uring.Create(4, IoUringSetup.SQE128);
    readonly NativeBuffer _exchange = new(ExchangeBytes);

    /// <summary>False: the last command ran past its limit and the kernel still has it.</summary>
    public bool IsIdle { get; private set; } = true;

    /// <summary>Runs a command; -ETIME past the limit.</summary>
    public int Run(int controlFd, uint opcode, uint deviceId, Span<byte> exchange, ulong data, TimeSpan limit)
    {
        exchange.CopyTo(_exchange.Span);
        IoUringSqe* sqe = _ring.NextSqe();
        sqe->Opcode = IoUringOp.URING_CMD;
        sqe->Fd = controlFd;
        sqe->CmdOp = opcode;
        var payload = (UblksrvCtrlCmd*)sqe->Cmd;
        payload->DevId = deviceId;
        payload->QueueId = UblkCtrl.NoQueue;
        payload->Addr = exchange.IsEmpty ? 0 : (ulong)_exchange.Address;
        payload->Len = (ushort)exchange.Length;
        payload->Data = data;
        IsIdle = false;
        return Await(exchange, Environment.TickCount64 + (long)limit.TotalMilliseconds);
    }

    /// <summary>However long it takes: the result of a command that ran past its limit.</summary>
    public int AwaitLate(Span<byte> exchange)
    {
        int result = -ErrnoCode.ETIME;
        while (!IsIdle)
        {
            result = Await(exchange, Environment.TickCount64 + LookMs);
            if (!IsIdle && result != -ErrnoCode.ETIME)
                Thread.Sleep(PauseMs);      // the ring refuses to wait: no reason to ask it without end
        }
        return result;
    }

    int Await(Span<byte> exchange, long deadline)
    {
        while (true)
        {
            long leftMs = deadline - Environment.TickCount64;
            int entered = leftMs > 0 ? _ring.Enter(1, leftMs * 1_000_000) : -ErrnoCode.ETIME;
            if (_ring.TryTake(out IoUringCqe cqe))
            {
                IsIdle = true;
                _exchange.Span[..exchange.Length].CopyTo(exchange);
                return cqe.Res;
            }
            if (entered < 0 && entered != -ErrnoCode.EINTR)
                return entered;
        }
    }

    /// <summary>Only when idle.</summary>
    public void Dispose()
    {
        _ring.Dispose();
        _exchange.Dispose();
    }
}
