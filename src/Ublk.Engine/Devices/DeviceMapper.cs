using System.Text;
using Microsoft.Extensions.Logging;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>All devices of this process, and what they share: workers, target types, backing devices. [C] any thread.</summary>
public sealed partial class DeviceMapper : IAsyncDisposable
{
    /// <summary>DM_NAME_LEN without its final zero (include/uapi/linux/dm-ioctl.h).</summary>
    const int MostNameBytes = 127;

    readonly SortedDictionary<string, MappedDevice> _devices = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, TargetType> _types = new(StringComparer.Ordinal);
    readonly ILoggerFactory _log;
    readonly IAsyncDisposable? _owned;
    int _nextWorker;
    bool _isClosing;

    /// <summary>Devices on ublk, with workers of its own.</summary>
    public DeviceMapper(EngineOptions options, IEnumerable<TargetType> types, UblkDriver driver, ILoggerFactory log)
        : this(options, types, new WorkerSet(options, log), new FileLeaves(), new UblkNodes(driver, options, log), TimeProvider.System, log)
    {
    }

    /// <summary>Devices on any ports: the simulator's, the load generator's.</summary>
    public DeviceMapper(
        EngineOptions options, IEnumerable<TargetType> types, IReadOnlyList<Worker> workers, LeafSource leaves, NodeSource nodes, TimeProvider time, ILoggerFactory log)
    {
        Options = options;
        Workers = workers;
        Pools = new Pools(workers, time);
        Leaves = leaves;
        leaves.Noticed = NoticeAsync;
        Nodes = nodes;
        Time = time;
        _log = log;
        EventLog = new EventLog(log.CreateLogger<MappedDevice>());
        _owned = workers as IAsyncDisposable;
        foreach (TargetType type in types)
            _types.Add(type.Name, type);
    }

    /// <summary>How it is set up.</summary>
    public EngineOptions Options { get; }

    /// <summary>The data plane's threads.</summary>
    public IReadOnlyList<Worker> Workers { get; }

    /// <summary>The clock of the control plane.</summary>
    public TimeProvider Time { get; }

    /// <summary>The target types, in order of their names.</summary>
    public IReadOnlyList<TargetType> Types => [.. _types.Values];

    /// <summary>The devices, in order of their names.</summary>
    public IReadOnlyList<MappedDevice> Devices
    {
        get
        {
            lock (_devices)
                return [.. _devices.Values];
        }
    }

    internal LeafSource Leaves { get; }

    internal NodeSource Nodes { get; }

    internal EventLog EventLog { get; }

    internal Claims Claims { get; } = new();

    internal Pools Pools { get; }

    internal Homes Homes { get; } = new();

    /// <summary>Held by the cut that is being taken.</summary>
    internal SemaphoreSlim CutGate { get; } = new(1, 1);

    /// <summary>A device by its name.</summary>
    public MappedDevice? Find(string name)
    {
        lock (_devices)
            return _devices.GetValueOrDefault(name);
    }

    /// <summary>Makes a device without a table.</summary>
    public Task<MappedDevice> CreateAsync(string name, string? uuid, NodeOptions? node, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > MostNameBytes || name is "." or ".." or "control" || name.Contains('/', StringComparison.Ordinal) || name.Any(char.IsControl))
            throw new DmException(DmFailure.Failed, $"'{name}' is no device name; use 1 to 127 bytes without '/', not '.', '..' or 'control'");
        node ??= new NodeOptions();
        node.Check(Workers.Count);
        var device = new MappedDevice(this, name, uuid, node, _log.CreateLogger<MappedDevice>());
        lock (_devices)
        {
            if (_isClosing)
                throw new DmException(DmFailure.Failed, "the daemon is ending; try again");
            if (_devices.ContainsKey(name))
                throw new DmException(DmFailure.Busy, $"device {name} exists already; choose another name, or load a new table into it");
            if (uuid is not null && _devices.Values.FirstOrDefault(other => other.Uuid == uuid) is { } same)
                throw new DmException(DmFailure.Busy, $"uuid {uuid} belongs to device {same.Name}");
            _devices.Add(name, device);
        }
        return Task.FromResult(device);
    }

    /// <summary>No device can be made from now on; false when there is one.</summary>
    public bool TryClose()
    {
        lock (_devices)
            return _isClosing = _devices.Count == 0;
    }

    /// <summary>Takes a device away. In use, it is refused and the message names who has it; force takes it from them.</summary>
    public async Task RemoveAsync(MappedDevice device, bool force, CancellationToken ct)
    {
        await device.CloseAsync(force, abandons: false, ct);
        Forget(device);
    }

    /// <summary>
    /// Takes a device away whose creation did not succeed, with the store files that were created for it. It has its own time limit, and a
    /// failure is logged: what the user has to hear is why the creation failed.
    /// </summary>
    public async Task UndoAsync(MappedDevice device)
    {
        try
        {
            using var limit = new CancellationTokenSource(Options.Timeout);
            await device.CloseAsync(force: true, abandons: true, limit.Token);
            Forget(device);
        }
        catch (Exception e)
        {
            LogUndoFailed(_log.CreateLogger<DeviceMapper>(), e, device.Name);
        }
    }

    /// <summary>
    /// What every device has done so far. Each worker adds its own counts of a device in steps of bounded length, between which it goes on with
    /// requests: counts of different lines are of different moments.
    /// </summary>
    /// <param name="watch">Latencies are collected from now on for so long; zero: for as long as was asked for before.</param>
    /// <param name="ct">Ends it early.</param>
    public async Task<IReadOnlyList<DeviceStats>> LookAsync(TimeSpan watch, CancellationToken ct)
    {
        DeviceStats[] all = [.. Devices.Select(device => device.NewStats())];
        foreach (Worker worker in Workers)
        {
            await worker.InvokeAsync<Errno>(() =>
            {
                worker.Watch((long)watch.TotalNanoseconds);
                return Errno.None;
            }).AsTask().WaitAsync(ct);
            foreach (DeviceStats device in all)
                await device.CollectAsync(worker, ct);
        }
        return all;
    }

    /// <summary>Removes ublk devices that an earlier process of ours left dead; gives their number.</summary>
    public Task<int> RemoveDeadAsync(CancellationToken ct) => Nodes is UblkNodes ublk ? ublk.RemoveDeadAsync(ct) : Task.FromResult(0);

    /// <summary>Stops the workers. The devices must be gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_owned is not null)
            await _owned.DisposeAsync();
        await EventLog.DisposeAsync();
    }

    internal TargetType? FindType(string name) => _types.GetValueOrDefault(name);

    /// <summary>A hint for a mistyped target.</summary>
    internal string Suggest(string name) =>
        NearestWord.To(name, _types.Keys) is { } near ? $"; did you mean '{near}'?" : "; 'ublk-dm targets' lists what there is";

    /// <summary>One of our devices by a path or number that names it.</summary>
    public MappedDevice? FindStacked(string word)
    {
        string folder = Options.LinkFolder + "/";
        if (word.StartsWith(folder, StringComparison.Ordinal) && Find(word[folder.Length..]) is { } named)
            return named;
        return (DeviceNumber.TryParse(word, out DeviceNumber number) || BlockPaths.TryNumberOf(word, out number)) ? FindByNumber(number) : null;
    }

    internal bool OwnsBlockDevice(DeviceNumber number) => FindByNumber(number) is not null || Nodes.IsOurs(number);

    /// <summary>
    /// Where a new home should live: with the device's first queue, else on the worker that has
    /// least to do.
    /// </summary>
    internal Worker PreferredWorker(MappedDevice device) => device.Node?.Facts.Workers is [int first, ..] ? Workers[first] : Workers[LeastLoaded()];

    /// <summary>
    /// The worker of each queue: all on the home's, so that requests need not travel, or spread when the table is stateless.
    /// </summary>
    internal IReadOnlyList<Worker> QueueWorkers(Table live, NodeOptions options)
    {
        int queues = options.Queues > 0 ? options.Queues : Math.Min(Environment.ProcessorCount, 4);
        if (HomeOf(live) is { } home)
            return [.. Enumerable.Repeat(home, queues)];
        int first = LeastLoaded();
        return [.. Enumerable.Range(first, queues).Select(n => Workers[n % Workers.Count])];
    }

    /// <summary>
    /// The worker with the fewest homes and queues without one; of several the next in turn, so
    /// that devices that are made at the same time do not all choose the same.
    /// </summary>
    int LeastLoaded()
    {
        IReadOnlyList<MappedDevice> devices = Devices;
        int start = (int)((uint)Interlocked.Increment(ref _nextWorker) % (uint)Workers.Count);
        return Enumerable.Range(start, Workers.Count).Select(n => n % Workers.Count)
            .MinBy(n => Homes.CountOn(Workers[n]) + devices.Sum(device => device.QueuesOn(Workers[n])));
    }

    static Worker? HomeOf(Table table) =>
        table.Entries.Select(entry => entry.HomeWorker).FirstOrDefault(worker => worker is not null)
        ?? table.Lower.Select(lower => lower.LiveHome()).FirstOrDefault(worker => worker is not null);

    internal static Worker? HomeOfLive(Table? live) => live is null ? null : HomeOf(live);

    /// <summary>Tells all who use a device that it has shrunk, or that the room under it is another.</summary>
    async Task NoticeAsync(LeafDevice leaf)
    {
        bool isToldAll = true;
        bool hasShrunk = leaf.HasShrunk;
        foreach (MappedDevice device in Devices)
        {
            try
            {
                await device.NoticeAsync(leaf, default);
            }
            catch (Exception e)
            {
                // It is being removed, or another operation takes long, or a plug-in failed: the next look tells it again.
                isToldAll = false;
                LogNoticeFailed(_log.CreateLogger<DeviceMapper>(), e, device.Name);
            }
        }
        leaf.IsToldShrunk = hasShrunk && isToldAll;
        leaf.IsToldRoom = isToldAll;
    }

    void Forget(MappedDevice device)
    {
        lock (_devices)
            _devices.Remove(device.Name);
    }

    MappedDevice? FindByNumber(DeviceNumber number) => Devices.FirstOrDefault(device => device.Node?.Number == number);

    [LoggerMessage(22, LogLevel.Warning, "Device {Name} could not be told of a change below it; it will be told again")]
    static partial void LogNoticeFailed(ILogger log, Exception e, string name);

    [LoggerMessage(20, LogLevel.Error, "Device {Name} could not be removed after its creation failed")]
    static partial void LogUndoFailed(ILogger log, Exception e, string name);
}
