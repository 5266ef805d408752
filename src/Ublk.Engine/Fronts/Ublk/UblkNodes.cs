using Microsoft.Extensions.Logging;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>Makes ublk nodes, and removes what an earlier process of ours left. [C]</summary>
sealed partial class UblkNodes(UblkDriver driver, EngineOptions options, ILoggerFactory log) : NodeSource
{
    /// <summary>In ublksrv_flags, which the driver keeps and does not look at: "ublk-dm1". How we know our own devices.</summary>
    public const ulong Cookie = 0x316D642D6B6C6275;

    /// <summary>How the kernel calls this process, and another daemon.</summary>
    static string OwnProcess { get; } = BlockPaths.ReadLine("/proc/self/comm");

    static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    readonly CopyMemory _copyMemory = new(options.BufferBytes);
    readonly OwnIds _ids = new();
    readonly ILogger _log = log.CreateLogger<UblkNodes>();

    public override async Task<DeviceNode> StartAsync(
        MappedDevice device, NodeOptions nodeOptions, bool isReadOnly, IReadOnlyList<Worker> workers, StepClock clock, CancellationToken ct)
    {
        var node = new UblkNode(driver, options, _ids, _copyMemory, device, nodeOptions, isReadOnly, workers);
        try
        {
            await node.StartAsync(clock, ct);
            return node;
        }
        catch
        {
            try
            {
                await node.AbandonAsync(s_pause);
            }
            catch (Exception e)
            {
                LogNotAbandoned(_log, device.Name, e.Message);      // what the start failed of matters more
                _ = AbandonLateAsync(node, device.Name);
            }
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool IsOurs(DeviceNumber number) => _ids.Has(number);

    /// <summary>A disk below may have been stuck, and comes back: then nothing of a half device stays.</summary>
    async Task AbandonLateAsync(UblkNode node, string name)
    {
        while (true)
        {
            await Task.Delay(s_pause);
            try
            {
                await node.AbandonAsync(options.Timeout);
                LogAbandonedLate(_log, name);
                return;
            }
            catch (ObjectDisposedException)
            {
                return;     // the process ends, and the kernel takes back what is left
            }
            catch (Exception e) when (e is DmException or IOException or UnauthorizedAccessException)
            {
                // Still stuck.
            }
        }
    }

    /// <summary>
    /// DEL_DEV without waiting for those who still have the node open, where the kernel can (6.9); the driver frees it when the last has
    /// closed it.
    /// </summary>
    public static async Task<int> DeleteAsync(UblkDriver driver, uint id, TimeSpan limit, CancellationToken ct, Action<int, byte[]>? onLate = null)
    {
        int result = driver.IsLegacy ? -ErrnoCode.EOPNOTSUPP : await driver.RunAsync(UblkCtrl.UBLK_U_CMD_DEL_DEV_ASYNC, id, null, 0, limit, ct, onLate);
        return result is < 0 and not (-ErrnoCode.ENODEV or -ErrnoCode.ETIME)
            ? await driver.RunAsync(UblkCtrl.UBLK_U_CMD_DEL_DEV, id, null, 0, limit, ct, onLate)
            : result;
    }

    /// <summary>Removes devices with our cookie whose server is gone; gives their number.</summary>
    public async Task<int> RemoveDeadAsync(CancellationToken ct)
    {
        int removed = 0;
        RemoveDanglingLinks();      // before a new node makes one valid again, which would then lead to another device
        foreach (string path in Directory.EnumerateFiles("/dev", "ublkc*"))
        {
            if (!uint.TryParse(Path.GetFileName(path)["ublkc".Length..], out uint id) || !await IsDeadAsync(id, ct))
                continue;
            TimeSpan limit = options.Timeout;
            _ = await driver.RunAsync(UblkCtrl.UBLK_U_CMD_STOP_DEV, id, null, 0, limit, ct);
            int result = await DeleteAsync(driver, id, limit, ct);
            LogRemoved(_log, id, result);
            if (result >= 0)
                removed++;
        }
        RemoveDanglingLinks();
        return removed;
    }

    void RemoveDanglingLinks()
    {
        if (!Directory.Exists(options.LinkFolder))
            return;
        foreach (string link in Directory.EnumerateFileSystemEntries(options.LinkFolder))
        {
            if (new FileInfo(link).LinkTarget is { } target && !File.Exists(target))
                File.Delete(link);
        }
    }

    async Task<bool> IsDeadAsync(uint id, CancellationToken ct)
    {
        byte[] buffer = new byte[System.Runtime.CompilerServices.Unsafe.SizeOf<UblksrvCtrlDevInfo>()];
        if (await driver.RunAsync(UblkCtrl.UBLK_U_CMD_GET_DEV_INFO, id, buffer, 0, options.Timeout, ct) < 0)
            return false;
        var info = System.Runtime.InteropServices.MemoryMarshal.Read<UblksrvCtrlDevInfo>(buffer);
        if (info.UblksrvFlags != Cookie || IsServed(id, info.UblksrvPid))
            return false;
        // Its server may live in another pid namespace: then it has the character device open, which only one can.
        int fd = Libc.open($"/dev/ublkc{id}", Fcntl.O_RDWR | Fcntl.O_CLOEXEC);
        if (fd >= 0)
            _ = Libc.close(fd);
        return fd >= 0;
    }

    /// <summary>The number alone says nothing: another process may have it by now.</summary>
    bool IsServed(uint id, int pid) =>
        pid == Environment.ProcessId ? _ids.Has(id) : pid > 0 && BlockPaths.ReadLine($"/proc/{pid}/comm") == OwnProcess;

    [LoggerMessage(21, LogLevel.Error, "Device {Name}: what its failed start left could not all be taken back, and will be tried again: {Why}")]
    static partial void LogNotAbandoned(ILogger log, string name, string why);

    [LoggerMessage(22, LogLevel.Information, "Device {Name}: what its failed start left is taken back now")]
    static partial void LogAbandonedLate(ILogger log, string name);

    [LoggerMessage(20, LogLevel.Information, "Removed /dev/ublkb{Id}, left by an earlier process (result {Result})")]
    static partial void LogRemoved(ILogger log, uint id, int result);
}
