using Ublk.Engine;
using Ublk.Targets.Log;

namespace Ublk.Simulation.Tests;

/// <summary>
/// Several users of a device under log-writes, each with a part of its own, with flushes and marks. At any moment a crash must leave a log that can
/// be read as far as its super block counts; in the end the log must have everything, in an order that its users may believe.
/// </summary>
sealed class LogWritesScenario
{
    const ulong FirstStamp = 0x0F00_0000_0000_0000;
    const int Lanes = 4;
    const int LaneSectors = 16;
    const int LogSectors = 4096;

    readonly Simulation _simulation;
    readonly LogWritesPlan _plan;
    readonly Prng _prng;
    readonly int _block;
    readonly byte[] _base = Stamp.Image(Lanes * LaneSectors, FirstStamp);
    readonly Oracle _oracle;

    /// <summary>
    /// The same, but that only flushes make something durable: an answer is seen late here, so a FUA write that was answered when a flush was
    /// may stand behind it in the log.
    /// </summary>
    readonly Oracle _byFlush;
    readonly LoggedHistory _history = new();
    readonly SimDisk _disk;
    readonly SimDisk _log;
    ulong _nextStamp = 1;
    int _nextMark;

    /// <summary>Somebody operates the device; one at a time, because waiting for another leaves the simulated clock.</summary>
    bool _isOperated;

    LogWritesScenario(Simulation simulation, LogWritesPlan plan)
    {
        (_simulation, _plan, _prng) = (simulation, plan, simulation.Prng);
        _block = _prng.Pick(1, 1, 8);
        _disk = simulation.Disks.Add("disk", (ulong)_base.Length / Sectors.Bytes, logicalBlockBytes: (uint)(_block * Sectors.Bytes));
        _disk.SetContent(0, _base);
        _log = simulation.Disks.Add("log", LogSectors);
        _oracle = new Oracle(_base);
        _byFlush = _oracle.Copy();
    }

    public static void Run(Simulation simulation, LogWritesPlan plan) => simulation.Run(new LogWritesScenario(simulation, plan).LiveAsync);

    async Task LiveAsync()
    {
        if (_plan.Histories is { } histories)
            _simulation.Search = new(histories, CheckCrashedAsync);
        int copies = (_plan.IsTight ? _prng.Pick(8, 12) * (_block + 1) : 4096) * Sectors.Bytes;
        SimHost host = _simulation.Boot(_prng.Between(1, 3), new LogWritesTargetType(_plan.Faults, copies));
        MappedDevice device = await host.StartAsync("l", "log-writes disk log");
        var users = new List<Task>();
        for (int lane = 0; lane < Lanes; lane++)
            users.Add(UseAsync(host, device, lane, _prng.Between(5, 40)));
        if (_plan.IsOperated)
            users.Add(OperateAsync(device));
        await Task.WhenAll(users);
        LineStatus status = (await device.StatusAsync(inactive: false, default))[0];
        if (status.Fields.First(field => field.Name == "logged before a flush").Value > 0)
            _plan.Early.Seen();
        if (status.Params.Contains("disabled", StringComparison.Ordinal))
            _simulation.Fail("the log is disabled");
        await host.ShutDownAsync();
        byte[] image = [.. _base];
        string? wrong = _history.CheckWhole(_log.Content, image, hasEarly: _plan.IsTight, isAlone: !_plan.HasManyFlushes, _plan.Replayed)
            ?? _oracle.CheckRead(0, image) ?? _oracle.CheckRead(0, _disk.Content);
        if (wrong is not null)
            _simulation.Fail(wrong);
    }

    Task CheckCrashedAsync(Simulation other)
    {
        if (_history.CheckCrashed(other.Disks["log"].Content) is { } wrong)
            other.Fail(wrong);
        return Task.CompletedTask;
    }

    async Task UseAsync(SimHost host, MappedDevice device, int lane, int requests)
    {
        using var memory = new IoMemory(LaneSectors * Sectors.Bytes);
        for (; requests > 0; requests--)
        {
            int choice = _prng.Below(100);
            if (choice < 15 && (lane == 0 || _plan.HasManyFlushes))
                await FlushAsync(host, device);
            else if (choice < 20)
                await MarkAsync(device);
            else if (choice < 26)
                await DiscardAsync(host, device, lane);
            else
                await WriteAsync(host, device, lane, memory);
        }
    }

    async Task FlushAsync(SimHost host, MappedDevice device)
    {
        LoggedHistory.Event flush = _history.Flush();
        long mark = _oracle.FlushMark, same = _byFlush.FlushMark;
        Errno error = await host.RequestAsync(device, BlockOp.Flush);
        CheckDone("a flush", error);
        _oracle.Flushed(mark);
        _byFlush.Flushed(same);
        _history.FlushAnswered(flush, _byFlush.Copy());
    }

    async Task MarkAsync(MappedDevice device)
    {
        if (_isOperated)
            return;
        _isOperated = true;
        string text = $"mark-{_nextMark++}";
        LoggedHistory.Event mark = _history.Mark(text);
        try
        {
            await device.MessageAsync(0, ["mark", text], default);
            _history.MarkAnswered(mark);
        }
        catch (DmException e) when (_plan.IsOperated && e.Message.Contains("suspended", StringComparison.Ordinal))
        {
        }
        _isOperated = false;
    }

    async Task DiscardAsync(SimHost host, MappedDevice device, int lane)
    {
        (ulong sector, ulong count) = PickRange(lane);
        for (ulong i = 0; i < count; i++)
            Begin(sector + i, Stamp.Any);
        CheckDone("a discard", await host.RequestAsync(device, BlockOp.Discard, sector, count));
        for (ulong i = 0; i < count; i++)
            End(sector + i, isDurable: false);
    }

    async Task WriteAsync(SimHost host, MappedDevice device, int lane, IoMemory memory)
    {
        (ulong sector, ulong count) = PickRange(lane);
        bool isDurable = _prng.Chance(20);
        ulong first = _nextStamp;
        _nextStamp += count;
        for (ulong i = 0; i < count; i++)
        {
            Stamp.Fill(memory.Bytes.Slice((int)i * Sectors.Bytes, Sectors.Bytes), first + i);
            Begin(sector + i, first + i);
        }
        LoggedHistory.Event write = _history.Write(Enumerable.Range(0, (int)count).Select(i => first + (ulong)i), isDurable, _disk.Submitted - _disk.SubmittedWrites);
        Errno error = await host.RequestAsync(
            device, BlockOp.Write, sector, count, memory.Data.Slice(0, (int)count * Sectors.Bytes), isDurable ? BlockFlags.Fua : BlockFlags.None);
        CheckDone("a write", error);
        for (ulong i = 0; i < count; i++)
            End(sector + i, isDurable);
        _history.Answered(write);
    }

    void Begin(ulong sector, ulong stamp)
    {
        _oracle.Begin(sector, stamp);
        _byFlush.Begin(sector, stamp);
    }

    void End(ulong sector, bool isDurable)
    {
        _oracle.End(sector, succeeded: true, isDurable);
        _byFlush.End(sector, succeeded: true, isDurable: false);
    }

    (ulong Sector, ulong Count) PickRange(int lane)
    {
        int blocks = LaneSectors / _block, count = _prng.Between(1, blocks);
        return ((ulong)(lane * LaneSectors + _prng.Below(blocks - count + 1) * _block), (ulong)(count * _block));
    }

    async Task OperateAsync(MappedDevice device)
    {
        for (int i = _prng.Between(1, 5); i > 0; i--)
        {
            await _simulation.TurnsAsync(_prng.Between(1, 300));
            await OperateAsync(() => device.SuspendAsync(noFlush: _prng.Chance(30), default));
            await _simulation.TurnsAsync(_prng.Between(1, 100));
            await OperateAsync(() => device.ResumeAsync(default));
            _plan.Reopened.Seen();
        }
    }

    async Task OperateAsync(Func<Task> operation)
    {
        while (_isOperated)
            await _simulation.UntilAsync(() => !_isOperated);
        _isOperated = true;
        await operation();
        _isOperated = false;
    }

    void CheckDone(string what, Errno error)
    {
        if (error != Errno.None)
            _simulation.Fail($"{what} failed with {error}");
    }
}
