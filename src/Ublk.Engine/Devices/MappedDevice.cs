using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// One ublk-dm device: a name, up to two tables (live and inactive), and after the first resume a node. [C] any thread; one operation at
/// a time. The kernel's device-mapper is the model of its states.
/// </summary>
public sealed partial class MappedDevice : ITargetServices
{
    readonly DeviceMapper _mapper;
    readonly NodeOptions _nodeOptions;
    readonly SemaphoreSlim _gate = new(1, 1);
    readonly SemaphoreSlim _holdGate = new(1, 1);
    readonly DeviceEvents _events;
    readonly HashSet<LeafDevice> _toldShrunk = [];
    readonly HashSet<FileNote> _toldNotes = [];
    readonly ILogger _log;
    Table? _live;
    Table? _inactive;
    DeviceNode? _node;
    IAsyncDisposable? _hold;
    int _holds;
    bool _isSuspended;
    bool _isClosed;

    internal MappedDevice(DeviceMapper mapper, string name, string? uuid, NodeOptions nodeOptions, ILogger log)
    {
        _mapper = mapper;
        _nodeOptions = nodeOptions;
        _log = log;
        _events = new DeviceEvents(name, mapper.EventLog);
        Name = name;
        Uuid = uuid;
        Stack = new StackedDevice(name, mapper.Workers, mapper.Time);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its uuid, if it has one.</summary>
    public string? Uuid { get; }

    /// <summary>The device as its requests see it.</summary>
    public StackedDevice Stack { get; }

    /// <summary>The node, once it was started.</summary>
    public DeviceNode? Node => _node;

    /// <inheritdoc/>
    public TimeProvider Time => _mapper.Time;

    /// <summary>Its state now.</summary>
    public DeviceInfo Info()
    {
        Table? live = _live;
        DeviceNode? node = _node;
        return new DeviceInfo(
            Name, Uuid, _isSuspended, (live ?? _inactive)?.Options.ReadOnly ?? false, live is not null, _inactive is not null,
            _mapper.Claims.UsersOf(Stack), _events.Number, (int?)node?.Number.Major, (int?)node?.Number.Minor, node?.Path,
            live?.Entries.Count ?? 0, live?.SectorCount ?? 0, node?.Facts,
            live is null
                ? []
                : [.. live.Entries.SelectMany(entry => entry.Opened)
                    .Select(opened => new BackingFact(opened.Device.Word, opened.Path, opened.Device.AccessMode, opened.Device.SectorCount))
                    .Distinct()]);
    }

    /// <summary>Constructs a table into the inactive slot; the live one goes on.</summary>
    public async Task<IReadOnlyList<StepTime>> LoadAsync(string table, LoadOptions options, CancellationToken ct)
    {
        using Operation operation = await BeginAsync("load", ct);
        Table loaded = await Ublk.Engine.Table.ConstructAsync(table, options, _mapper, this, this, ct);
        try
        {
            CheckFit(loaded);
        }
        catch
        {
            await loaded.AbandonAsync();
            throw;
        }
        if (Interlocked.Exchange(ref _inactive, loaded) is { } replaced)
            await replaced.AbandonAsync();
        operation.Clock.Done("construct targets");
        return operation.Clock.Steps;
    }

    /// <summary>Makes the inactive table the live one, if there is one, and lets requests go.</summary>
    public async Task<IReadOnlyList<StepTime>> ResumeAsync(CancellationToken ct)
    {
        using Operation operation = await BeginAsync("resume", ct);
        if (_inactive is { } next)
        {
            await SwapAsync(next, operation.Clock, ct);
            TellNotes();
        }
        else if (_isSuspended)
        {
            if (_live is null)
                throw new DmException(DmFailure.Failed, $"device {Name} has no table; load one first");
            await _live.PrepareAsync(ct);
            Exception? failed = await _live.TakeOverAsync();
            await OpenGateAsync();
            _isSuspended = false;
            operation.Clock.Done("open the gate");
            ThrowIfFailed(failed);
        }
        if (_live is { } live && _node is null)
            await StartNodeAsync(live, operation.Clock, ct);
        return operation.Clock.Steps;
    }

    /// <summary>Holds new requests and waits for those in flight. Requests wait until the next resume.</summary>
    public async Task SuspendAsync(bool noFlush, CancellationToken ct)
    {
        using Operation operation = await BeginAsync("suspend", ct);
        if (_isSuspended)
            return;
        if (_live is not null)
            await CloseGateAsync(noFlush, ct);
        _isSuspended = true;
    }

    /// <summary>Drops the inactive table, and a store file that its load created.</summary>
    public async Task ClearAsync(CancellationToken ct)
    {
        using Operation operation = await BeginAsync("clear", ct);
        if (Interlocked.Exchange(ref _inactive, null) is { } dropped)
            await dropped.AbandonAsync();
    }

    /// <summary>Sends a message to the target at a sector; the reply may be empty.</summary>
    public Task<string> MessageAsync(ulong sector, string[] words, CancellationToken ct) =>
        SayAsync(sector, target => target.MessageAsync(words, ct), ct);

    /// <summary>The same, with an answer that comes piece by piece and may have no end. Other operations go on while it is pulled.</summary>
    public Task<IAsyncEnumerable<ReadOnlyMemory<byte>>> StreamAsync(ulong sector, string[] words, CancellationToken ct) =>
        SayAsync(sector, target => target.StreamAsync(words, ct), ct);

    async Task<T> SayAsync<T>(ulong sector, Func<Target, ValueTask<T>> say, CancellationToken ct)
    {
        using Operation operation = await BeginAsync("message", ct);
        if (_live is not { } live)
            throw new DmException(DmFailure.Failed, $"device {Name} has no live table; resume it first");
        TableEntry entry = live.Entries.Find(line => sector < line.End)
            ?? throw new DmException(DmFailure.Failed, $"sector {sector} is behind the end of device {Name} ({live.SectorCount} sectors)");
        try
        {
            return await say(entry.Target);
        }
        catch (TableException e)
        {
            string where = e.Argument == 0 ? "" : $", word {e.Argument}{(e.What is null ? "" : $" ({e.What})")}";
            throw new DmException(DmFailure.Failed, $"message to {entry.TypeName}{where}: {e.Message}", e);
        }
    }

    /// <summary>Where a look at its counters goes; nothing is in it yet.</summary>
    internal DeviceStats NewStats() => new(Stack, _live);

    /// <summary>Returns as soon as the event number differs from the given one.</summary>
    public Task<uint> WaitAsync(uint eventNumber, CancellationToken ct) => _events.WaitAsync(eventNumber, ct);

    /// <summary>The lines of a table with their arguments.</summary>
    public IReadOnlyList<LineStatus> Table(bool inactive) =>
        (inactive ? _inactive : _live) is { } table
            ? [.. table.Entries.Select(entry => new LineStatus(entry.Start, entry.Target.SectorCount, entry.TypeName, entry.Target.Table, []))]
            : [];

    /// <summary>The lines of a table with their targets' status.</summary>
    public async Task<IReadOnlyList<LineStatus>> StatusAsync(bool inactive, CancellationToken ct)
    {
        using Operation operation = await BeginAsync("status", ct);
        var lines = new List<LineStatus>();
        if ((inactive ? _inactive : _live) is { } table)
        {
            foreach (TableEntry entry in table.Entries)
            {
                lines.Add(new LineStatus(
                    entry.Start, entry.Target.SectorCount, entry.TypeName, await entry.Target.InfoAsync(ct),
                    [.. await entry.Target.DescribeAsync(ct), .. Shrunk(entry), .. entry.Files.SelectMany(file => file.Notes()).Select(note => note.ToField())]));
            }
        }
        return lines;
    }

    /// <summary>A device below has shrunk, or the room under it is another, or a file has a note: an event for the first and the last, and every target on it is told.</summary>
    internal async Task NoticeAsync(LeafDevice leaf, CancellationToken ct)
    {
        TableEntry[] Users() => [.. new[] { _live, _inactive }.OfType<Table>().SelectMany(table => table.Entries)
            .Where(entry => entry.Opened.Any(opened => opened.Device == leaf))];

        if (Users().Length == 0)
            return;
        TellNotes();
        if (leaf.HasShrunk && IsNews(leaf))
        {
            LogShrunk(_log, Name, leaf, leaf.SectorsBefore, leaf.EndSector);
            RaiseEvent("a device below has shrunk");
        }
        using Operation operation = await BeginAsync("notice", ct);
        foreach (TableEntry entry in Users())
            await entry.Target.NoticeAsync(ct);
    }

    bool IsNews(LeafDevice leaf)
    {
        lock (_toldShrunk)
            return _toldShrunk.Add(leaf);
    }

    /// <summary>What the engine itself knows of a line's devices and people should.</summary>
    static IEnumerable<StatusField> Shrunk(TableEntry entry) =>
        entry.Opened.Select(opened => opened.Device).OfType<LeafDevice>().Where(leaf => leaf.HasShrunk).Distinct().Select(leaf =>
            new StatusField("shrunk", $"{leaf} ends at sector {leaf.EndSector}, and had {leaf.SectorsBefore}", leaf.EndSector, "sectors",
                $"what lies behind the end fails with EIO, also when {leaf} is extended again; find out who cut it short, then remove the devices that "
                    + "use it and create them again"));

    /// <summary>Tells by an event, once for each, what is noteworthy of the files below.</summary>
    internal void TellNotes()
    {
        if (_live is not { } live)
            return;
        foreach (FileNote note in live.Entries.SelectMany(entry => entry.Files).Distinct().SelectMany(file => file.Notes()))
        {
            bool isNews;
            lock (_toldNotes)
                isNews = _toldNotes.Add(note);
            if (isNews)
                RaiseEvent($"{note.File}: {note.Text}");
        }
    }

    /// <summary>Who has the device open, for people; empty when nobody.</summary>
    public IReadOnlyList<string> Holders() =>
    [
        .. _mapper.Claims.UsersOf(Stack).Select(user => $"used by device {user}"),
        .. _node is { } node ? Ublk.Interop.Holders.Of(node.Number) : [],
    ];

    /// <inheritdoc/>
    public void RaiseEvent(string reason) => _events.Raise(reason);

    /// <summary>The worker on which the live table's state lives, its own or that of a device below.</summary>
    internal Worker? LiveHome() => DeviceMapper.HomeOfLive(_live);

    /// <summary>
    /// How many of its queues a worker has; those of a device with a home do not count beside it.
    /// </summary>
    internal int QueuesOn(Worker worker) => LiveHome() is null ? _node?.Facts.Workers.Count(index => index == worker.Index) ?? 0 : 0;

    /// <summary>A device of ours stands on this one from now on: the first to do so takes the node out of everybody else's reach.</summary>
    internal async Task HoldNodeAsync(CancellationToken ct)
    {
        await _holdGate.WaitAsync(ct);
        try
        {
            if (_holds == 0 && _node is { } node)
                _hold = await node.HoldAsync(ct);
            _holds++;
        }
        finally
        {
            _holdGate.Release();
        }
    }

    /// <summary>The reverse.</summary>
    internal async Task LetNodeGoAsync()
    {
        await _holdGate.WaitAsync();
        try
        {
            if (--_holds == 0 && _hold is { } hold)
            {
                _hold = null;
                await hold.DisposeAsync();
            }
        }
        finally
        {
            _holdGate.Release();
        }
    }

    /// <summary>How the kernel uses the node beside us, if it does: then no table of ours may.</summary>
    internal string? KernelUse() => _node is { } node ? Ublk.Interop.Holders.InKernel(node.Number) : null;

    /// <summary>Whether this device stands on another, directly or through others, by its live table.</summary>
    public bool StandsOn(MappedDevice lower) =>
        _live is { } live && live.Lower.Any(below => below == lower || below.StandsOn(lower));

    /// <summary>Whether the inactive table, or else the live one, stands on something that another device's live table stands on.</summary>
    public bool SharesBackingWith(MappedDevice other)
    {
        IEnumerable<BackingDevice> theirs = other._live?.Entries.SelectMany(entry => entry.Opened).Select(opened => opened.Device) ?? [];
        return (_inactive ?? _live) is { } table && table.Entries.SelectMany(entry => entry.Opened).Select(opened => opened.Device).Intersect(theirs).Any();
    }

    /// <summary>Holds requests, and every other operation on the device, until what is returned is disposed.</summary>
    internal async Task<IAsyncDisposable> HoldAsync(CancellationToken ct)
    {
        Operation operation = await BeginAsync("cut", ct);
        try
        {
            bool isRunning = _live is not null && !_isSuspended;
            if (isRunning)
                await CloseGateAsync(noFlush: false, ct);
            return new Hold(this, operation, isRunning);
        }
        catch
        {
            operation.Dispose();
            throw;
        }
    }

    /// <summary>The first half of the first resume: the table is live, and there is no node yet.</summary>
    internal async Task StartAsync(CancellationToken ct)
    {
        using Operation operation = await BeginAsync("resume", ct);
        if (_inactive is not { } next)
            throw new DmException(DmFailure.Failed, $"device {Name}: somebody cleared or resumed it while it was being made");
        await SwapAsync(next, operation.Clock, ct);
    }

    /// <summary>Takes the node away and closes the tables. Nothing else may begin afterwards.</summary>
    /// <param name="force">Also when it is in use.</param>
    /// <param name="abandons">As if it had never been: a store file that a load created goes too.</param>
    /// <param name="ct">Ends it early.</param>
    internal async Task CloseAsync(bool force, bool abandons, CancellationToken ct)
    {
        using Operation operation = await BeginAsync("remove", ct);
        if (!_mapper.Claims.TryRetire(Stack))
            throw new DmException(DmFailure.Busy, $"device {Name} is used by device {string.Join(", ", _mapper.Claims.UsersOf(Stack))}; remove that one first");
        try
        {
            if (_node is { } node)
            {
                if (_isSuspended && force)
                    await OnAllAsync(layer => layer.FailHeld(Errno.IO));
                await node.StopAsync(force, ct);
                _node = null;
                Stack.Number = "";
            }
            if (_live is { } live)
            {
                if (!_isSuspended)
                    await CloseGateAsync(noFlush: false, ct);
                await OnAllAsync(layer => layer.Install(Stack, []));
                Stack.Shape = StackShape.Empty;
                _live = null;
                await (abandons ? live.AbandonAsync() : live.DisposeAsync());
            }
            if (Interlocked.Exchange(ref _inactive, null) is { } inactive)
                await inactive.AbandonAsync();
        }
        catch
        {
            _mapper.Claims.Reinstate(Stack);
            throw;
        }
        _isClosed = true;
        RaiseEvent("removed");
    }

    void CheckFit(Table table)
    {
        if (_node?.Shape is not { } fixedShape)
            return;
        StackShape shape = table.Shape();
        if (shape.SectorCount != fixedShape.SectorCount)
        {
            throw new DmException(DmFailure.Failed, $"table is {shape.SectorCount} sectors long, device {Name} was started with {fixedShape.SectorCount}; "
                + "a started ublk device keeps its size: load a table of that length, or remove the device and create it again");
        }
        if (shape.Limits.LogicalBlockBytes > fixedShape.Limits.LogicalBlockBytes)
        {
            throw new DmException(DmFailure.Failed, $"table needs logical blocks of {shape.Limits.LogicalBlockBytes} bytes, device {Name} was started with "
                + $"{fixedShape.Limits.LogicalBlockBytes}, which its users rely on; remove the device and create it again");
        }
    }

    /// <summary>
    /// A table that cannot be resumed now stays loaded: what stands in the way can be put right, and the resume said again. Until every line has
    /// prepared nothing is written, so the table before goes on as if nothing had been; behind that nothing can refuse any more.
    /// </summary>
    async Task SwapAsync(Table next, StepClock clock, CancellationToken ct)
    {
        Table? old = _live;
        bool wasRunning = old is not null && !_isSuspended;
        if (wasRunning)
        {
            await CloseGateAsync(noFlush: false, ct);
            clock.Done("hold and drain");
        }
        try
        {
            await next.PrepareAsync(ct);
            next.OpenShards(Stack, _mapper.Workers, () => _mapper.PreferredWorker(this));
            _inactive = null;
        }
        catch
        {
            if (wasRunning)
                await OpenGateAsync();
            throw;
        }
        Exception? failed = await next.TakeOverAsync();
        if (old is not null)
            failed = await old.ReplacedAsync() ?? failed;
        await OnAllAsync(layer => layer.Install(Stack, next.LinesOn(layer)));
        Stack.Shape = next.Shape();
        _live = next;
        next.HasServed |= _node is not null;
        await OpenGateAsync();
        _isSuspended = false;
        clock.Done("swap tables");
        if (old is not null)
        {
            await old.DisposeAsync();
            clock.Done("close the old table");
        }
        ThrowIfFailed(failed);
    }

    /// <summary>Of a target that throws where it must not, a plug-in perhaps. The swap is done by then: half of one would be worse.</summary>
    void ThrowIfFailed(Exception? failed)
    {
        if (failed is not null)
            throw new DmException(DmFailure.Failed, $"device {Name}: the table is live, but a target failed as it took over: {failed.Message}", failed);
    }

    async Task StartNodeAsync(Table live, StepClock clock, CancellationToken ct)
    {
        try
        {
            _node = await _mapper.Nodes.StartAsync(this, _nodeOptions, live.Options.ReadOnly, _mapper.QueueWorkers(live, _nodeOptions), clock, ct);
            Stack.Number = _node.Number.ToString();
            live.HasServed = true;
        }
        catch (Exception failed)
        {
            try
            {
                await CloseGateAsync(noFlush: false, CancellationToken.None);
            }
            catch (DmException e)
            {
                // Requests of the node's start are stuck below. The table stays live, and the next resume tries the node again.
                LogStaysLive(_log, Name, e.Message);
                ExceptionDispatchInfo.Throw(failed);
            }
            await OnAllAsync(layer => layer.Install(Stack, []));
            Stack.Shape = StackShape.Empty;
            _live = null;
            await (live.HasServed ? live.DisposeAsync() : live.AbandonAsync());
            throw;
        }
    }

    /// <summary>Shards start, and when all have, requests go.</summary>
    async Task OpenGateAsync()
    {
        await OnAllAsync(layer => layer.StartShards());
        await OnAllAsync(layer => layer.Release());
    }

    /// <summary>Holds, quiesces, drains, stops: each step on every worker before the next. Past the time limit all goes on as before.</summary>
    async Task CloseGateAsync(bool noFlush, CancellationToken ct)
    {
        await OnAllAsync(layer => layer.HoldAll());
        Task<Errno> drained = QuiesceAndDrainAsync(noFlush);
        try
        {
            await drained.WaitAsync(_mapper.Options.Timeout, Time, ct);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            int inside = Stack.Layers.Sum(layer => layer.Inside);
            await OpenGateAsync();
            if (e is OperationCanceledException)
                throw;
            throw new DmException(DmFailure.TimedOut, $"device {Name}: {inside} requests in flight did not end within {_mapper.Options.Timeout.TotalSeconds:0} s; "
                + "the device goes on as before. Is a device below suspended, or its disk stuck?", e);
        }
        if (await OnAllAsync(layer => layer.Stop()) is not Errno.None and var error)
            LogStopFailed(_log, Name, error);
    }

    async Task<Errno> QuiesceAndDrainAsync(bool noFlush)
    {
        if (await OnAllAsync(layer => layer.Quiesce(noFlush)) is not Errno.None and var error)
            LogQuiesceFailed(_log, Name, error);
        return await OnAllAsync(layer => layer.Drain());
    }

    /// <summary>Takes a step on every worker; gives the first error.</summary>
    async Task<Errno> OnAllAsync(Func<Layer, IoTask<Errno>> step)
    {
        Task<Errno>[] steps = [.. Stack.Layers.Select(layer => layer.Worker.InvokeAsync(() => step(layer)).AsTask())];
        Errno[] errors = await Task.WhenAll(steps);
        return Array.Find(errors, error => error != Errno.None);
    }

    async Task<Operation> BeginAsync(string name, CancellationToken ct)
    {
        if (!await _gate.WaitAsync(_mapper.Options.Timeout, ct))
            throw new DmException(DmFailure.TimedOut, $"device {Name}: {name} waited {_mapper.Options.Timeout.TotalSeconds:0} s for another operation on the device");
        if (_isClosed)
        {
            _gate.Release();
            throw new DmException(DmFailure.NotFound, $"device {Name} was removed");
        }
        return new Operation(_gate);
    }

    sealed class Hold(MappedDevice device, Operation operation, bool wasRunning) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (wasRunning)
                await device.OpenGateAsync();
            operation.Dispose();
        }
    }

    sealed class Operation(SemaphoreSlim gate) : IDisposable
    {
        public StepClock Clock { get; } = new();

        public void Dispose() => gate.Release();
    }

    [LoggerMessage(15, LogLevel.Error, "Device {Name}: its table stays live without a node: {Why}")]
    static partial void LogStaysLive(ILogger log, string name, string why);

    [LoggerMessage(13, LogLevel.Error, "Device {Name}: {Leaf} has shrunk from {Before} sectors to {Now}")]
    static partial void LogShrunk(ILogger log, string name, LeafDevice leaf, ulong before, ulong now);

    [LoggerMessage(11, LogLevel.Error, "Device {Name}: a target could not leave its disk clean: {Error}")]
    static partial void LogStopFailed(ILogger log, string name, Errno error);

    [LoggerMessage(12, LogLevel.Error, "Device {Name}: a target could not stop its background work cleanly: {Error}")]
    static partial void LogQuiesceFailed(ILogger log, string name, Errno error);
}
