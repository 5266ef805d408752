using Ublk.Engine;

namespace Ublk.Simulation.Tests;

/// <summary>
/// One device whose tables come and go: taken over, refused, cleared, replaced by another kind, suspended, removed, while it is written and while
/// the disk on which the target keeps what it knows fails. Line 2 of each table is there to refuse.
/// </summary>
sealed class HandingScenario
{
    public const int SectorCount = 2048;

    const ulong Stamps = 0x0E00_0000_0000_0000;

    readonly Simulation _simulation;
    readonly HandingPlan _plan;
    readonly Prng _prng;
    readonly HandingOracle _oracle;
    readonly SimHost _host;
    MappedDevice _device = null!;
    bool _isTarget = true;
    bool _isFailing;

    /// <summary>What the target knew when it was suspended may not be stored, and nobody stores it before a resume.</summary>
    bool _failedAtSuspend;
    ulong _stamp = Stamps;

    HandingScenario(Simulation simulation, HandingPlan plan)
    {
        _simulation = simulation;
        _plan = plan;
        _prng = simulation.Prng;
        _oracle = plan.Oracle(simulation);
        simulation.Disks.Add("x", 8);
        _host = simulation.Boot(_prng.Between(1, 3), plan.Types());
    }

    public static void Run(Simulation simulation, HandingPlan plan) => simulation.Run(() => new HandingScenario(simulation, plan).RunAsync());

    async Task RunAsync()
    {
        _device = await _host.StartAsync("d", Table(_plan.Line(_prng)));
        for (int steps = _prng.Between(10, 40); steps > 0; steps--)
            await StepAsync();
        SetFailing(false);
        await _device.ClearAsync(default);
        if (!_isTarget)
            await TakeOverAsync();
        // What a leg or a store lacks since it failed is put right behind a resume.
        await _device.SuspendAsync(noFlush: false, default);
        await _device.ResumeAsync(default);
        await SettleAsync();
        await _oracle.CheckAsync(_device);
        await _host.ShutDownAsync();
    }

    async Task StepAsync()
    {
        switch (_prng.Below(12))
        {
            case 0:
                SetFailing(!_isFailing && _prng.Chance(60));
                break;
            case 1:
                if (!_device.Info().IsSuspended)
                    _failedAtSuspend = _isFailing;
                await _device.SuspendAsync(noFlush: false, default);
                break;
            case 2 when _device.Info() is { IsSuspended: true, HasInactive: false }:
                await _device.ResumeAsync(default);
                break;
            case 3:
                await _device.ClearAsync(default);
                break;
            case 4:
            case 5:
                await RefusedAsync();
                break;
            case 6:
                await TakeOverAsync();
                break;
            case 7 when _isTarget && _prng.Chance(50):
                await ReplaceAsync();
                break;
            case 8 when _isTarget && _prng.Chance(30):
                await RemoveAsync();
                break;
            case 9:
                await SettleAsync();
                break;
            default:
                await UseAsync();
                break;
        }
    }

    async Task UseAsync()
    {
        if (_device.Info().IsSuspended)
            return;
        for (int i = _prng.Between(1, 4); i > 0; i--)
        {
            ulong sector = (ulong)(_prng.Chance(50) ? _prng.Below(SectorCount) : _prng.Below(40));
            byte[] bytes = Stamp.Image(1, _stamp += 1);
            Errno error = await _device.Stack.WriteAsync(sector, bytes, BlockFlags.None);
            if (_isTarget || !_plan.IsOtherElsewhere)
                _oracle.Written(sector, bytes, error);
        }
        if (_isTarget)
            await _oracle.LookAsync(_device);
    }

    async Task RefusedAsync()
    {
        await ClearAsync();
        string? why = await TrackedDevice.RefusedAsync(async () =>
        {
            await _device.LoadAsync($"0 {SectorCount} {_plan.RefusedLine ?? _plan.Line(_prng)}\n{SectorCount} 8 refusing", new LoadOptions(), default);
            await _device.ResumeAsync(default);
        });
        if (why is null)
            _simulation.Fail("a table with a line that refuses was resumed");
        _plan.Refused.Seen();
        if (_prng.Chance(70))
            await _device.ClearAsync(default);
    }

    async Task TakeOverAsync()
    {
        await ClearAsync();
        string? why = await TrackedDevice.RefusedAsync(async () => await SimHost.ReloadAsync(_device, Table(_plan.Line(_prng))));
        if (why is not null && !_isFailing)
            _simulation.Fail($"a table was refused: {why}");
        if (why is not null)
            return;
        _isTarget = true;
        _plan.HandedOn.Seen();
        if (_isFailing)
            _plan.Failed.Seen();
    }

    /// <summary>A store has one heir at a time; others may be loaded over one another.</summary>
    async Task ClearAsync()
    {
        if (_plan.HasOneHeir || _prng.Chance(50))
            await _device.ClearAsync(default);
    }

    async Task ReplaceAsync()
    {
        await SimHost.ReloadAsync(_device, Table(_plan.Other));
        _isTarget = false;
        _oracle.Replaced();
        _plan.Replaced.Seen();
    }

    /// <summary>Without an error of the store's, so that the next one must know everything; or with one, and then it must know that it does not.</summary>
    async Task RemoveAsync()
    {
        await _device.ClearAsync(default);
        bool isFailing = _device.Info().IsSuspended ? _failedAtSuspend : _isFailing;
        await _host.Mapper.RemoveAsync(_device, force: true, default);
        _oracle.Removed(isFailing);
        SetFailing(false);
        _device = await _host.StartAsync("d", Table(_plan.Line(_prng)));
    }

    async Task SettleAsync() => await Task.Delay(TimeSpan.FromSeconds(20), _simulation.Time);

    void SetFailing(bool isFailing)
    {
        _isFailing = isFailing;
        foreach (string disk in _plan.Failing)
            _simulation.Disks[disk].Faults = isFailing ? [new InjectedFault($"a write error of {disk}", BlockOp.Write, _prng.Pick(400, 1000))] : [];
    }

    static string Table(string line) => $"0 {SectorCount} {line}\n{SectorCount} 8 linear x 0";
}
