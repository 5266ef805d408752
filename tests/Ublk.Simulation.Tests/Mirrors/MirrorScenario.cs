using Ublk.Engine;
using Ublk.Targets.Mirror;

namespace Ublk.Simulation.Tests;

/// <summary>
/// A mirror through several lives of the daemon, written at random, ended in order or by a crash at any moment: legs and log lose, tear and
/// reorder what was not durable, each for itself. Then it must hold legal data, at once and when it is in sync again, and the legs must be alike.
/// </summary>
sealed class MirrorScenario
{
    const ulong FirstStamp = 0x0F00_0000_0000_0000;

    readonly Simulation _simulation;
    readonly MirrorPlan _plan;
    readonly Prng _prng;
    readonly int _sectors;
    readonly int _regionSectors;
    readonly SimDisk[] _legs;
    readonly int[] _firsts;
    readonly string[] _features;
    readonly Oracle _oracle;
    MappedDevice? _device;
    bool _isFilling;
    bool _crashed;

    MirrorScenario(Simulation simulation, MirrorPlan plan)
    {
        _simulation = simulation;
        _plan = plan;
        _prng = simulation.Prng;
        _regionSectors = _prng.Pick(2, 4, 8, 16);
        _sectors = Math.Max(_prng.Between(16, 64), _regionSectors);
        _firsts = [.. Enumerable.Range(0, plan.Legs > 0 ? plan.Legs : _prng.Between(2, 3)).Select(_ => _prng.Pick(0, 0, 3))];
        _features =
        [
            .. _prng.Pick<string[]>([], ["read_balance", "round-robin"], ["read_balance", "latency"], ["read_balance", "nearest"]),
            .. _prng.Pick<string[]>([], ["stable"]),
            .. _prng.Pick<string[]>([], ["resync_parallel", "3"]),
            .. _prng.Pick<string[]>([], ["resync_rate", "20"]),
        ];
        _isFilling = plan.Fills;
        byte[] image = Stamp.Image((ulong)_sectors, FirstStamp);
        _legs = new SimDisk[_firsts.Length];
        for (int i = 0; i < _legs.Length; i++)
        {
            _legs[i] = simulation.Disks.Add($"leg{i}", (ulong)(_sectors + _firsts[i]));
            _legs[i].SetContent((ulong)_firsts[i], i == 0 ? image : Stamp.Image((ulong)_sectors, FirstStamp * (ulong)(i + 1)));
        }
        SimDisk log = simulation.Disks.Add("log", 3);
        if (plan.Fills && _prng.Chance(70))
            SetInSync(log, image);
        _oracle = new Oracle(image);
    }

    /// <summary>A mirror that was in sync, and now gets one more leg.</summary>
    void SetInSync(SimDisk log, byte[] image)
    {
        byte[] clean = new byte[3 * Sectors.Bytes];
        DiskLogFormat.WriteHeader(clean, (ulong)Regions);
        RegionBits.Fill(DiskLogFormat.Bitmap(clean, (ulong)Regions), 0, (ulong)Regions, true);
        log.SetContent(0, clean);
        for (int i = 1; i < _legs.Length - 1; i++)
            _legs[i].SetContent((ulong)_firsts[i], image);
    }

    /// <summary>The same on the disks of another run, which hold what a crash now may leave.</summary>
    MirrorScenario(MirrorScenario crashed, Simulation simulation)
    {
        _simulation = simulation;
        _plan = crashed._plan;
        _prng = simulation.Prng;
        _regionSectors = crashed._regionSectors;
        _sectors = crashed._sectors;
        _firsts = crashed._firsts;
        _features = crashed._features;
        _isFilling = crashed._isFilling && crashed.SaysFilling;
        _legs = [.. crashed._legs.Select(leg => simulation.Disks[leg.Name])];
        _oracle = crashed._oracle.Copy();
        _crashed = true;
    }

    public static void Run(Simulation simulation, MirrorPlan plan) => simulation.Run(new MirrorScenario(simulation, plan).LiveAsync);

    async Task LiveAsync()
    {
        for (int life = _prng.Between(1, _plan.MostLives); life >= 0; life--)
        {
            _simulation.Search = life == 0 || _plan.Histories is not { } histories ? null
                : new(histories, other => new MirrorScenario(this, other).LiveOnceAsync(isLast: true));
            await LiveOnceAsync(isLast: life == 0);
        }
    }

    async Task LiveOnceAsync(bool isLast)
    {
        MirrorFaults bugs = Enum.Parse<MirrorFaults>(_plan.Bugs);
        SimHost host = _simulation.Boot(_prng.Between(1, 3), new MirrorTargetType([new CoreLogType(), new DiskLogType(bugs)], bugs));
        var load = new Workload(_simulation, _oracle, Mix(), isLast ? 0 : _prng.Between(5, 150));
        bool crashes = !isLast && _prng.Chance(75);
        NoteDirt();
        _device = null;
        MappedDevice device = _device = await host.StartAsync("m", Table);
        await ReadBackAsync(device);
        if (!isLast)
        {
            host.Attach(device, load, _prng.Between(1, 3), _prng.Between(1, 8));
            Task operated = _plan.IsOperated ? Operations.UnderLoadAsync(_simulation, device, Table, _plan.Handover) : Task.CompletedTask;
            Task off = crashes ? _simulation.PowerOffSometimeAsync(load, _prng.Pick(300, 3000)) : Task.CompletedTask;
            await (crashes ? off : load.FinishedAsync());
            await operated;
            if (!crashes && _prng.Chance(50))
                await WriteAgainAsync(host, device);
        }
        else
        {
            await Operations.UntilStatusHasAsync(_simulation, device, $" {Regions}/{Regions} ");
            await ReadBackAsync(device);
        }
        _isFilling = SaysFilling;
        await host.ShutDownAsync(load);
        if (_simulation.IsPowerOff)
        {
            _simulation.PowerOn();
            _crashed = true;
        }
        else if (isLast)
        {
            CheckLegsAlike();
        }
    }

    /// <summary>What was written is clean in the log by then; more comes, and the power may fail between.</summary>
    async Task WriteAgainAsync(SimHost host, MappedDevice device)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(_prng.Between(300, 1500)), _simulation.Time);
        var load = new Workload(_simulation, _oracle, Mix(), _prng.Between(1, 40));
        host.Attach(device, load, 1, _prng.Between(1, 4));
        await (_prng.Chance(60) ? _simulation.PowerOffSometimeAsync(load, 300) : load.FinishedAsync());
        load.Stop();
    }

    int Regions => (_sectors + _regionSectors - 1) / _regionSectors;

    string Table => $"0 {_sectors} mirror {(_plan.Log == "core" ? "core 1" : "disk 2 log")} {_regionSectors} {_legs.Length} "
        + string.Join(' ', _legs.Select((leg, i) => $"{leg.Name} {_firsts[i]}")) + Features([.. _features, .. _isFilling ? ["fill", "1"] : Array.Empty<string>()]);

    static string Features(string[] words) => words.Length == 0 ? "" : $" {words.Length} {string.Join(' ', words)}";

    /// <summary>The last leg is still new. Once the table no longer says so, a crash must not harm it.</summary>
    bool SaysFilling
    {
        get
        {
            bool hasJoined = _device?.Table(inactive: false) is [{ Params: var live }] && !live.Contains(" fill ", StringComparison.Ordinal);
            if (_isFilling && hasJoined)
                _plan.Joined.Seen();
            return _isFilling && !hasJoined;
        }
    }

    /// <summary>No discards: what they leave behind may differ from leg to leg.</summary>
    WorkloadMix Mix() => new(Flushes: 10, Discards: 0)
    {
        FuaPercent = _prng.Pick(0, 15, 40),
        LongestSectors = _prng.Pick(2, 8, 24),
    };

    async Task ReadBackAsync(MappedDevice device)
    {
        (Errno error, byte[] content) = await SimHost.ReadAllAsync(device);
        if (_simulation.IsPowerOff)
            return;
        string? wrong = error != Errno.None ? $"the mirror cannot be read: {error}"
            : _crashed ? _oracle.CheckCrashed(content) : _oracle.CheckRead(0, content);
        _crashed = false;
        if (wrong is not null)
            _simulation.Fail(wrong);
    }

    void NoteDirt()
    {
        if (!_crashed || _plan.Log == "core")
            return;
        ulong regions = (ulong)Regions;
        ulong clean = RegionBits.Count(DiskLogFormat.Bitmap(_simulation.Disks["log"].Content, regions));
        if (clean > 0 && clean < regions)
            _plan.PartlyDirty.Seen();
    }

    void CheckLegsAlike()
    {
        byte[][] contents = [.. _legs.Select((leg, i) => leg.Content[(_firsts[i] << Sectors.Shift)..])];
        for (int i = 1; i < contents.Length; i++)
        {
            int same = contents[0].AsSpan().CommonPrefixLength(contents[i]);
            if (same < contents[0].Length)
                _simulation.Fail($"legs 0 and {i} differ in sector {same / Sectors.Bytes}, and the mirror is in sync");
        }
    }
}
