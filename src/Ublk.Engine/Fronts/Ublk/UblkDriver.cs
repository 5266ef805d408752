using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// The control device. [C] any thread. Each command is one URING_CMD on a small ring with 128-byte submissions; commands block their
/// caller's thread-pool thread, each with a time limit.
/// </summary>
public sealed unsafe class UblkDriver : IDisposable
{
    const string ControlPath = "/dev/ublk-control";

    readonly int _fd;
    readonly ConcurrentBag<Uring> _idle = [];

    UblkDriver(int fd)
    {
        _fd = fd;
        ulong features = 0;
        int result = Issue(UblkCtrl.UBLK_U_CMD_GET_FEATURES, UblkCtrl.NewDevId, (nint)(&features), sizeof(ulong), 0, TimeSpan.FromSeconds(10));
        if (result >= 0)
            Features = (UblkFeatures)features;
        else
            IsLegacy = true;    // -ENODEV: before 6.5 there is no GET_FEATURES, and 6.1 knows bare opcodes only
    }

    /// <summary>What the driver can do; empty before Linux 6.5.</summary>
    public UblkFeatures Features { get; }

    /// <summary>Only the opcodes of Linux 6.1 to 6.3 work.</summary>
    public bool IsLegacy { get; }

    /// <summary>Opens the control device.</summary>
    /// <exception cref="DmException">No ublk here; the message names the module and the kernel option.</exception>
    public static UblkDriver Open(ILoggerFactory log)
    {
        int fd = OpenControl(out string? error);
        return fd >= 0 ? new UblkDriver(fd) : throw new DmException(DmFailure.Failed, error!);
    }

    /// <summary>Looks without changing anything.</summary>
    public static DriverProbe Probe()
    {
        int fd = OpenControl(out string? error);
        if (fd < 0)
            return new DriverProbe(File.Exists(ControlPath), error, 0, [], false);
        try
        {
            using var driver = new UblkDriver(fd);
            return new DriverProbe(true, null, (ulong)driver.Features, Names(driver.Features), driver.IsLegacy);
        }
        catch (UringException e)
        {
            return new DriverProbe(true, e.Message, 0, [], false);
        }
    }

    /// <summary>The set features by name.</summary>
    public static IReadOnlyList<string> Names(UblkFeatures features) =>
        [.. Enum.GetValues<UblkFeatures>().Where(one => one != 0 && (features & one) == one).Select(one => one.ToString())];

    /// <summary>Runs a command; gives its result, -errno on failure, -ETIME past the limit.</summary>
    /// <param name="command">Encoded opcode; the legacy one is used where there are no others.</param>
    /// <param name="deviceId">Which device.</param>
    /// <param name="buffer">Buffer the command reads or writes; it must stay in place.</param>
    /// <param name="bufferBytes">Its length.</param>
    /// <param name="data">data[0].</param>
    /// <param name="limit">Time limit.</param>
    /// <param name="ct">Ends the wait before the command is issued.</param>
    public Task<int> RunAsync(uint command, uint deviceId, nint buffer, int bufferBytes, ulong data, TimeSpan limit, CancellationToken ct) =>
        Task.Run(() => Issue(IsLegacy ? UblkCtrl.Legacy(command) : command, deviceId, buffer, bufferBytes, data, limit), ct);

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        while (_idle.TryTake(out Uring? ring))
            ring.Dispose();
        _ = Libc.close(_fd);
    }

    static int OpenControl(out string? error)
    {
        error = null;
        int fd = Libc.open(ControlPath, Fcntl.O_RDWR | Fcntl.O_CLOEXEC);
        if (fd >= 0)
            return fd;
        int errno = Libc.Errno;
        error = errno switch
        {
            ErrnoCode.ENOENT => $"this kernel has no ublk: {ControlPath} is missing; run 'modprobe ublk_drv', or use a kernel built with CONFIG_BLK_DEV_UBLK (Linux 6.0 or later)",
            ErrnoCode.EACCES or ErrnoCode.EPERM => $"{ControlPath}: permission denied; ublk-dm needs root",
            _ => $"{ControlPath}: {ErrnoName.Describe(errno)}",
        };
        return -1;
    }

    int Issue(uint opcode, uint deviceId, nint buffer, int bufferBytes, ulong data, TimeSpan limit)
    {
        if (!_idle.TryTake(out Uring? ring))
            ring = Uring.Create(4, IoUringSetup.SQE128);
        IoUringSqe* sqe = ring.NextSqe();
        sqe->Opcode = IoUringOp.URING_CMD;
        sqe->Fd = _fd;
        sqe->CmdOp = opcode;
        sqe->UserData = 1;
        var payload = (UblksrvCtrlCmd*)sqe->Cmd;
        payload->DevId = deviceId;
        payload->QueueId = UblkCtrl.NoQueue;
        payload->Addr = (ulong)buffer;
        payload->Len = (ushort)bufferBytes;
        payload->Data = data;
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            long leftMs = deadline - Environment.TickCount64;
            int entered = leftMs > 0 ? ring.Enter(1, leftMs * 1_000_000) : -ErrnoCode.ETIME;
            if (ring.TryTake(out IoUringCqe cqe))
            {
                _idle.Add(ring);
                return cqe.Res;
            }
            if (entered < 0 && entered != -ErrnoCode.EINTR)
                return entered;     // the ring stays open: the kernel still has the command
        }
    }
}
