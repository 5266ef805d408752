using System.Diagnostics;
using System.Runtime.InteropServices;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// A ublk device of ours: ADD_DEV, SET_PARAMS, FETCH of every tag, START_DEV; STOP_DEV, DEL_DEV. [C] Its queues are on workers.
/// </summary>
sealed class UblkNode : DeviceNode
{
    readonly UblkDriver _driver;
    readonly EngineOptions _options;
    readonly OwnIds _ids;
    readonly MappedDevice _device;
    readonly NodeOptions _nodeOptions;
    readonly bool _isReadOnly;
    readonly IReadOnlyList<Worker> _workers;
    readonly CopyMemory _copyMemory;
    UblkQueue[] _queues = [];       // replaced, never changed: Facts may be asked for at any moment
    readonly string _link;
    DataMode _mode;
    string _modeReason = "";
    UblksrvCtrlDevInfo _info;
    int _charFd = -1;
    volatile bool _isAdded;
    volatile bool _isDeleting;
    bool _isStarted;

    public UblkNode(
        UblkDriver driver, EngineOptions options, OwnIds ids, CopyMemory copyMemory, MappedDevice device, NodeOptions nodeOptions, bool isReadOnly,
        IReadOnlyList<Worker> workers)
    {
        _driver = driver;
        _ids = ids;
        _copyMemory = copyMemory;
        _options = options;
        _device = device;
        _nodeOptions = nodeOptions;
        _isReadOnly = isReadOnly;
        _workers = workers;
        _link = $"{options.LinkFolder}/{device.Name}";
        Shape = device.Stack.Shape;
    }

    public override NodeFacts Facts => new(
        _info.DevId, UblkDriver.Names(_info.Flags), DataModes.Name(_mode), _info.NrHwQueues, _info.QueueDepth, (int)_info.MaxIoBufBytes,
        [.. _queues.Select(queue => queue.Worker.Index)], _modeReason, _queues.Sum(queue => queue.Fallbacks.Copied), _queues.Sum(queue => queue.Fallbacks.Failed));

    public override DeviceNumber Number => BlockPaths.TryNumberOf(Path, out DeviceNumber number) ? number : default;

    public override string Path => $"/dev/ublkb{_info.DevId}";

    public override StackShape Shape { get; }

    string CharPath => $"/dev/ublkc{_info.DevId}";

    public async Task StartAsync(StepClock clock, CancellationToken ct)
    {
        (_mode, _modeReason) = DataModes.Choose(_nodeOptions.Mode, _driver.Features, await RingsHaveRoomAsync(), Shape.SeesData);
        await AddAsync(ct);
        clock.Done($"ADD_DEV ({DataModes.Name(_mode)}: {_modeReason})");
        await SetParamsAsync(ct);
        clock.Done("SET_PARAMS");
        await OpenCharAsync(ct);
        var setup = new QueueSetup(_device.Stack, _charFd, _info.QueueDepth, (int)_info.MaxIoBufBytes, _mode, _driver.IsLegacy, _copyMemory, _device);
        for (ushort q = 0; q < _info.NrHwQueues; q++)
            await FetchAsync(setup, q, await WorkersOfAsync(q, ct));
        clock.Done("FETCH");
        Check(await RunAsync(UblkCtrl.UBLK_U_CMD_START_DEV, ct, data: (ulong)Environment.ProcessId), "START_DEV");
        _isStarted = true;
        clock.Done("START_DEV");
        await WaitForNodeAsync(ct);
        NodeLink.Make(_link, Path);
        clock.Done("node and link");
    }

    public override async Task<IAsyncDisposable?> HoldAsync(CancellationToken ct) =>
        _options.HelperProgram is { } helper ? await NodeHold.TakeAsync(helper, Path, Number, _options.Timeout, ct) : null;

    public override async Task StopAsync(bool force, CancellationToken ct)
    {
        ThrowIfDeleting();
        if (_isStarted)
        {
            // Before Linux 7.0 STOP_DEV looks at no opener, so we look for them.
            bool isSafe = !force && (_driver.Features & UblkFeatures.SAFE_STOP_DEV) != 0;
            if (!force && !isSafe)
                await RefuseWhenUsedAsync(ct);
            int result = await RunAsync(isSafe ? UblkCtrl.UBLK_U_CMD_TRY_STOP_DEV : UblkCtrl.UBLK_U_CMD_STOP_DEV, ct);
            if (result == -ErrnoCode.EBUSY)
                throw InUse(_device.Holders() is { Count: > 0 } holders ? string.Join(", ", holders) : "another process has it open");
            if (result != -ErrnoCode.ENODEV)    // an earlier attempt finished after its time
                Check(result, isSafe ? "TRY_STOP_DEV" : "STOP_DEV");
            _isStarted = false;
        }
        NodeLink.Remove(_link, Path);
        await DeleteAsync(_options.Timeout, ct);
    }

    /// <summary>Takes back whatever a failed start has done; to be called again when it could not.</summary>
    /// <param name="limit">Of each of its waits.</param>
    public async Task AbandonAsync(TimeSpan limit)
    {
        ThrowIfDeleting();
        if (_isAdded)
            _ = await _driver.RunAsync(UblkCtrl.UBLK_U_CMD_STOP_DEV, _info.DevId, null, 0, limit, CancellationToken.None);
        NodeLink.Remove(_link, Path);
        await DeleteAsync(limit, CancellationToken.None);
    }

    /// <summary>Zero copy needs an index for every tag in the table of the ring that serves it, whichever that will be.</summary>
    async Task<bool> RingsHaveRoomAsync()
    {
        int tags = _workers.Count * _nodeOptions.Depth;
        foreach (ThreadWorker worker in AllWorkers)
        {
            if (!await worker.InvokeAsync<bool>(() => worker.Uring.HasBufferTable && worker.Ring.Buffers.HasRoom(tags)))
                return false;
        }
        return true;
    }

    IEnumerable<ThreadWorker> AllWorkers => _device.Stack.Layers.Select(layer => (ThreadWorker)layer.Worker);

    /// <summary>
    /// Who serves a queue's tags: the home of the table's state, if it has one; else the workers that may run on most of the CPUs
    /// whose requests come through this queue, those with the fewest queues of the node first.
    /// </summary>
    async Task<ThreadWorker[]> WorkersOfAsync(ushort queue, CancellationToken ct)
    {
        if (_device.LiveHome() is not null)
            return [(ThreadWorker)_workers[queue]];
        byte[] bits = new byte[CpuSet.ByteCount];
        if (AllWorkers.Any(worker => worker.Cpus is not null))
            _ = await RunAsync(UblkCtrl.UBLK_U_CMD_GET_QUEUE_AFFINITY, ct, bits, queue);     // without an answer no worker is preferred
        var cpus = new CpuSet(bits);
        int first = _workers[0].Index, count = AllWorkers.Count();
        return
        [
            .. AllWorkers
                .OrderByDescending(worker => worker.Cpus?.Common(cpus) ?? 0)
                .ThenBy(worker => _queues.Count(other => other.Worker == worker))
                .ThenBy(worker => (worker.Index - first + count) % count)
                .Take(_nodeOptions.Spread),
        ];
    }

    async Task FetchAsync(QueueSetup setup, ushort number, ThreadWorker[] workers)
    {
        for (int part = 0; part < workers.Length; part++)
        {
            var queue = new UblkQueue(workers[part], setup, number, part, workers.Length);
            _queues = [.. _queues, queue];
            Errno error = await queue.Worker.InvokeAsync(queue.Fetch);
            if (error != Errno.None)
                throw new DmException(DmFailure.Failed, $"device {_device.Name}: worker {queue.Worker.Index} cannot take queue {number}: {ErrnoName.Describe((int)error)}");
        }
    }

    async Task AddAsync(CancellationToken ct)
    {
        UblkFeatures wanted = UblkFeatures.CMD_IOCTL_ENCODE | UblkFeatures.NO_AUTO_PART_SCAN | DataModes.Features(_mode);
        if (_nodeOptions.Spread > 1 && (_driver.Features & UblkFeatures.PER_IO_DAEMON) == 0)
            throw new DmException(DmFailure.Failed, "a queue's requests cannot be spread over workers: the driver has no PER_IO_DAEMON (Linux 6.16); leave --spread out");
        if (_nodeOptions.Spread > 1 && _device.LiveHome() is not null)
            throw new DmException(DmFailure.Failed, "a queue's requests cannot be spread over workers: a target of the table keeps its state on one worker; leave --spread out");
        int queues = _workers.Count;
        byte[] buffer = new byte[System.Runtime.CompilerServices.Unsafe.SizeOf<UblksrvCtrlDevInfo>()];
        var asked = new UblksrvCtrlDevInfo
        {
            NrHwQueues = (ushort)queues,
            QueueDepth = (ushort)_nodeOptions.Depth,
            MaxIoBufBytes = (uint)_nodeOptions.MaxIoBytes,
            DevId = UblkCtrl.NewDevId,
            UblksrvPid = Environment.ProcessId,
            Flags = wanted & _driver.Features,
            UblksrvFlags = UblkNodes.Cookie,
        };
        MemoryMarshal.Write(buffer, in asked);
        Check(await _driver.RunAsync(UblkCtrl.UBLK_U_CMD_ADD_DEV, UblkCtrl.NewDevId, buffer, 0, _options.Timeout, ct, DeleteLate), "ADD_DEV");
        _info = MemoryMarshal.Read<UblksrvCtrlDevInfo>(buffer);    // with what was granted
        _isAdded = true;
        _ids.Add(_info.DevId);
        if ((_info.Flags & DataModes.Features(_mode)) != DataModes.Features(_mode))
            throw new DmException(DmFailure.Failed, $"device {_device.Name}: the ublk driver did not grant data mode {DataModes.Name(_mode)}; choose another with --mode");
        if (_nodeOptions.Queues > 0 && _info.NrHwQueues != _nodeOptions.Queues)
            throw new DmException(DmFailure.Failed, $"{_nodeOptions.Queues} queues: more than the driver gives; at most {_info.NrHwQueues} here, one for each CPU");
        if (_info.QueueDepth != _nodeOptions.Depth || _info.MaxIoBufBytes != _nodeOptions.MaxIoBytes)
            throw new DmException(DmFailure.Failed, $"depth {_nodeOptions.Depth} and {_nodeOptions.MaxIoBytes} bytes a request: the driver gives {_info.QueueDepth} and {_info.MaxIoBufBytes}");
    }

    /// <summary>Nobody waits any more for a device that was added after its time.</summary>
    void DeleteLate(int result, byte[] written)
    {
        if (result >= 0)
            _ = UblkNodes.DeleteAsync(_driver, MemoryMarshal.Read<UblksrvCtrlDevInfo>(written).DevId, _options.Timeout, CancellationToken.None);
    }

    /// <summary>
    /// A DEL_DEV ended after its limit. Until then nothing more is asked of the id: it may be another device's a moment after it is free.
    /// </summary>
    void NoteDeleted(int result, byte[] written)
    {
        if (result is >= 0 or -ErrnoCode.ENODEV)
            Forget();
        _isDeleting = false;
    }

    void Forget()
    {
        _isAdded = false;
        _ids.Remove(_info.DevId);
    }

    void ThrowIfDeleting()
    {
        if (_isDeleting)
            Check(-ErrnoCode.ETIME, "DEL_DEV");
    }

    async Task SetParamsAsync(CancellationToken ct)
    {
        UblkParams asked = UblkLimits.ParamsFor(in _info, Shape, _isReadOnly);
        byte[] buffer = new byte[asked.Len];
        MemoryMarshal.Write(buffer, in asked);
        Check(await RunAsync(UblkCtrl.UBLK_U_CMD_SET_PARAMS, ct, buffer), "SET_PARAMS");
    }

    /// <summary>udev may hold the new node for a moment.</summary>
    async Task OpenCharAsync(CancellationToken ct)
    {
        long since = Stopwatch.GetTimestamp();
        while ((_charFd = Libc.open(CharPath, Fcntl.O_RDWR | Fcntl.O_CLOEXEC)) < 0)
        {
            int errno = Libc.Errno;
            if (errno is not (ErrnoCode.EBUSY or ErrnoCode.ENOENT) || Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(5))
                throw new DmException(DmFailure.Failed, $"{CharPath}: {ErrnoName.Describe(errno)}");
            await Task.Delay(10, ct);
        }
    }

    async Task WaitForNodeAsync(CancellationToken ct)
    {
        long since = Stopwatch.GetTimestamp();
        while (!BlockPaths.TryNumberOf(Path, out _))
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(5))
                throw new DmException(DmFailure.Failed, $"{Path} did not appear; is /dev a devtmpfs, or udev running?");
            await Task.Delay(5, ct);
        }
    }

    async Task RefuseWhenUsedAsync(CancellationToken ct)
    {
        IReadOnlyList<string> holders;
        try
        {
            // A look into a process may wait for that process.
            holders = await Task.Run(_device.Holders, ct).WaitAsync(_options.Timeout, ct);
        }
        catch (TimeoutException)
        {
            throw Untold($"a look at all processes did not end within {_options.Timeout.TotalSeconds:0} s");
        }
        if (holders.Count > 0)
            throw InUse(string.Join(", ", holders));
        // An exclusive open finds who /proc does not show, but never from here: it could wait on this very process.
        if (_options.HelperProgram is not { } helper)
            return;
        int found = await HelperProcess.RunAsync(helper, [HelperVerb.ProbeExclusive, Path], _options.Timeout, ct);
        if (found == 1)
            throw InUse("another process has it open");
        if (found != 0)
            throw Untold(found < 0 ? $"an open did not end within {_options.Timeout.TotalSeconds:0} s" : "it could not be opened");
    }

    DmException Untold(string why) => new(
        DmFailure.Busy, $"device {_device.Name}: whether somebody uses it could not be told, {why}; remove it with --force if you know that nobody does");

    DmException InUse(string by) => new(DmFailure.Busy, $"device {_device.Name} is in use: {by}; close it there first, or remove with --force");

    async Task DeleteAsync(TimeSpan limit, CancellationToken ct)
    {
        foreach (UblkQueue queue in _queues)
            await EndedAsync(queue, limit, ct);
        foreach (UblkQueue queue in _queues)
            queue.Dispose();
        _queues = [];
        if (_charFd >= 0)
            _ = Libc.close(_charFd);
        _charFd = -1;
        if (!_isAdded)
            return;
        _isDeleting = true;
        int result;
        try
        {
            result = await UblkNodes.DeleteAsync(_driver, _info.DevId, limit, ct, NoteDeleted);
        }
        catch
        {
            _isDeleting = false;    // the driver was not asked
            throw;
        }
        if (result == -ErrnoCode.ETIME)
        {
            if (_isAdded)
                Check(result, "DEL_DEV");
            return;     // ended while we were told that it had not
        }
        _isDeleting = false;
        if (result != -ErrnoCode.ENODEV)
            Check(result, "DEL_DEV");
        Forget();
    }

    async Task EndedAsync(UblkQueue queue, TimeSpan limit, CancellationToken ct)
    {
        try
        {
            await queue.Worker.InvokeAsync(queue.Ended).AsTask().WaitAsync(limit, ct);
        }
        catch (TimeoutException e)
        {
            throw new DmException(DmFailure.TimedOut, $"device {_device.Name}: the ublk driver did not give all tags back within {limit.TotalSeconds:0} s; see dmesg", e);
        }
    }

    Task<int> RunAsync(uint command, CancellationToken ct, byte[]? exchange = null, ulong data = 0) =>
        _driver.RunAsync(command, _info.DevId, exchange, data, _options.Timeout, ct);

    void Check(int result, string command)
    {
        if (result == -ErrnoCode.ETIME)
            throw new DmException(DmFailure.TimedOut, $"device {_device.Name}: the ublk driver did not finish {command} within {_options.Timeout.TotalSeconds:0} s; see dmesg");
        if (result < 0)
            throw new DmException(DmFailure.Failed, $"device {_device.Name}: the ublk driver refused {command}: {ErrnoName.Describe(result)}");
    }
}
