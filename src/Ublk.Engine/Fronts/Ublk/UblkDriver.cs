using System.Collections.Concurrent;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// The control device. [C] any thread. Each command is one URING_CMD on a small ring with 128-byte submissions; commands block their
/// caller's thread-pool thread, each with a time limit.
/// </summary>
public sealed class UblkDriver : IDisposable
{
    const string ControlPath = "/dev/ublk-control";

    readonly int _fd;
    volatile bool _isDisposed;
    readonly ConcurrentBag<ControlCommand> _idle = [];

    UblkDriver(int fd)
    {
        _fd = fd;
        Span<byte> features = stackalloc byte[sizeof(ulong)];
        int result = Issue(UblkCtrl.UBLK_U_CMD_GET_FEATURES, UblkCtrl.NewDevId, features, 0, TimeSpan.FromSeconds(10));
        if (result >= 0)
            Features = (UblkFeatures)BitConverter.ToUInt64(features);
        else
            IsLegacy = true;    // -ENODEV: before 6.5 there is no GET_FEATURES, and 6.1 knows bare opcodes only
    }

    /// <summary>What the driver can do; empty before Linux 6.5.</summary>
    public UblkFeatures Features { get; }

    /// <summary>Only the opcodes of Linux 6.1 to 6.3 work.</summary>
    public bool IsLegacy { get; }

    /// <summary>Opens the control device.</summary>
    /// <exception cref="DmException">No ublk here; the message names the module and the kernel option.</exception>
    public static UblkDriver Open()
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
    /// <param name="exchange">What the command reads, and afterwards what it wrote; at most <see cref="ControlCommand.ExchangeBytes"/>.</param>
    /// <param name="data">data[0].</param>
    /// <param name="limit">Time limit.</param>
    /// <param name="ct">Ends the wait before the command is issued.</param>
    /// <param name="onLate">Gets the result of a command that ended after its limit, and what it wrote. On a thread of its own.</param>
    public Task<int> RunAsync(
        uint command, uint deviceId, byte[]? exchange, ulong data, TimeSpan limit, CancellationToken ct, Action<int, byte[]>? onLate = null) =>
        Task.Run(() => Issue(IsLegacy ? UblkCtrl.Legacy(command) : command, deviceId, exchange ?? [], data, limit, onLate), ct);

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out ControlCommand? command))
            command.Dispose();
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

    int Issue(uint opcode, uint deviceId, Span<byte> exchange, ulong data, TimeSpan limit, Action<int, byte[]>? onLate = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_idle.TryTake(out ControlCommand? command))
            command = new ControlCommand();
        int result = command.Run(_fd, opcode, deviceId, exchange, data, limit);
        if (command.IsIdle)
            _idle.Add(command);
        else
            AwaitLate(command, exchange.Length, onLate);    // until then its memory is the kernel's
        return result;
    }

    void AwaitLate(ControlCommand command, int exchangeBytes, Action<int, byte[]>? onLate) => new Thread(() =>
    {
        byte[] written = new byte[exchangeBytes];
        int result = command.AwaitLate(written);
        _idle.Add(command);
        onLate?.Invoke(result, written);
    })
    {
        IsBackground = true,
        Name = "late-control",
    }.Start();
}
