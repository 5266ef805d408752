using Ublk.Engine;
using Ublk.Targets.Log;

namespace Ublk.Simulation.Tests;

/// <summary>
/// A tracked device through several lives of the daemon, written at random, and readers who keep copies of it by what they are told. Lives end in order or by a
/// crash at any moment, in which device and metadata lose, tear and reorder what was not durable. Whenever nothing is under way, who has copied
/// what was told has what the device holds; and nobody is told more than was written, a crash's active extents aside.
/// </summary>
sealed class TrackScenario
{
    const ulong FirstStamp = 0x0E00_0000_0000_0000;

    readonly Simulation _simulation;
    readonly TrackPlan _plan;
    readonly Prng _prng;
    readonly TrackLimits _limits;
    readonly int _sectors;
    readonly uint _blockSectors;
    readonly int _first;
    readonly int _keep;
    readonly SimDisk _disk;
    readonly Oracle _oracle;
    readonly List<SimReader> _readers;
    MappedDevice? _device;
    Workload? _load;
    ulong _highest;
    bool _crashed;

    TrackScenario(Simulation simulation, TrackPlan plan)
    {
        _simulation = simulation;
        _plan = plan;
        _prng = simulation.Prng;
        _limits = new TrackLimits(8, _prng.Between(1, 5), 1, 32, 8);
        _sectors = _prng.Between(20, 100);
        _blockSectors = (uint)_prng.Pick(1, 1, 2, 4);
        _first = _prng.Pick(0, 0, 8);
        _keep = _prng.Between(1, 3);
        byte[] image = Stamp.Image((ulong)_sectors, FirstStamp);
        _disk = simulation.Disks.Add("data", (ulong)(_sectors + _first));
        _disk.SetContent((ulong)_first, image);
        var geometry = new TrackGeometry((ulong)_sectors, _blockSectors, _limits.ExtentSectors, _limits.PageBlocks);
        if (!plan.IsCore)
            simulation.Disks.Add("meta", TrackMetadata.LeastSectors(geometry, _limits) + (ulong)(16 * _prng.Between(0, 6)));
        _oracle = new Oracle(image);
        _readers = [.. Enumerable.Range(0, _prng.Between(1, 3)).Select(i => new SimReader { Name = $"r{i}", Copy = new byte[image.Length] })];
    }

    /// <summary>The same on the disks of another run, which hold what a crash now may leave.</summary>
    TrackScenario(TrackScenario crashed, Simulation simulation)
    {
        _simulation = simulation;
        _plan = crashed._plan;
        _prng = simulation.Prng;
        _limits = crashed._limits;
        _sectors = crashed._sectors;
        _blockSectors = crashed._blockSectors;
        _first = crashed._first;
        _keep = crashed._keep;
        _disk = simulation.Disks["data"];
        _oracle = crashed._oracle.Copy();
        _readers = crashed._readers.ConvertAll(reader => reader.Clone());
        _highest = crashed._highest;
        Crashed();
    }

    public static void Run(Simulation simulation, TrackPlan plan) => simulation.Run(new TrackScenario(simulation, plan).LiveAsync);

    async Task LiveAsync()
    {
        for (int life = _prng.Between(1, _plan.MostLives); life >= 0; life--)
        {
            _simulation.Search = life == 0 || _plan.Histories is not { } histories ? null
                : new(histories, other => new TrackScenario(this, other).LiveOnceAsync(isLast: true));
            await LiveOnceAsync(isLast: life == 0);
        }
    }

    async Task LiveOnceAsync(bool isLast)
    {
        SimHost host = _simulation.Boot(_prng.Between(1, 3), new TrackTargetType(_limits, Enum.Parse<TrackFaults>(_plan.Bugs)));
        bool crashes = !_plan.IsCore && !_plan.Fails && !isLast && _prng.Chance(75);
        _load = NewLoad(isLast ? 0 : _prng.Between(5, 120));
        MappedDevice device = _device = await host.StartAsync("t", Table);
        await AddReadersAsync();
        await ReadBackAsync();
        if (_crashed && _prng.Chance(50))
            await AllTakeAsync();
        if (!isLast)
        {
            host.Attach(device, _load, _prng.Between(1, 3), _prng.Between(1, 8));
            Task operated = _plan.IsOperated ? Operations.UnderLoadAsync(_simulation, device, Table, _plan.Handover) : Task.CompletedTask;
            Task asked = _plan.IsOperated ? Task.CompletedTask : AskUnderLoadAsync();
            Task off = crashes ? _simulation.PowerOffSometimeAsync(_load, _prng.Pick(300, 3000)) : Task.CompletedTask;
            await (crashes ? off : _load.FinishedAsync());
            await operated;
            await asked;
            if (_plan.Fails)
                await HealAsync();
        }
        if (!_simulation.IsPowerOff)
        {
            await AllTakeAsync();
            CheckCopies();
            if (!crashes)
                await CheckExactAsync(host);
        }
        await host.ShutDownAsync(_load);
        if (_simulation.IsPowerOff)
        {
            _simulation.PowerOn();
            Crashed();
        }
        else if (_plan.IsCore)
        {
            // Without metadata the readers go with the device. Its next map begins later.
            _readers.ForEach(reader => reader.Last = 0);
            await Task.Delay(TimeSpan.FromMilliseconds(1), _simulation.Time);
        }
    }

    void Crashed()
    {
        _crashed = true;
        _readers.ForEach(reader => reader.Crashes++);
    }

    string Table => $"0 {_sectors} track data {_first} {_blockSectors} {(_plan.IsCore ? "-" : "meta")} 2 keep {_keep}";

    Workload NewLoad(int requests) => new(_simulation, _oracle, new WorkloadMix(Reads: 15, Flushes: 10) { LongestSectors = _prng.Pick(2, 8, 24) }, requests)
    {
        Changes = (sector, count) => _readers.ForEach(reader => Touch(reader, sector, count)),
    };

    void Touch(SimReader reader, ulong sector, ulong count)
    {
        for (ulong block = sector / _blockSectors; block <= (sector + count - 1) / _blockSectors; block++)
        {
            for (ulong i = block * _blockSectors; i < Math.Min((block + 1) * _blockSectors, (ulong)_sectors); i++)
            {
                reader.Touched.Add(i);
                reader.TouchedSinceAsked.Add(i);
            }
        }
    }

    async Task AddReadersAsync()
    {
        string known = await _device!.MessageAsync(0, ["readers"], default);
        foreach (SimReader reader in _readers)
        {
            if (!known.Split('\n').Any(line => line.StartsWith($"{reader.Name} ", StringComparison.Ordinal)))
            {
                if (reader.Last != 0)
                    _simulation.Fail($"reader {reader.Name} is forgotten");
                await _device.MessageAsync(0, ["reader", "add", reader.Name], default);
            }
        }
    }

    async Task AskUnderLoadAsync()
    {
        for (int i = _prng.Between(0, 8); i > 0 && !_simulation.IsPowerOff; i--)
        {
            await _simulation.TurnsAsync(_prng.Between(1, 300));
            if (_plan.Fails)
                _simulation.Disks["meta"].Faults = _prng.Chance(40) ? [_plan.Fault] : [];
            try
            {
                if (_prng.Chance(30))
                    Told(ulong.Parse(await _device!.MessageAsync(0, ["checkpoint"], default), System.Globalization.CultureInfo.InvariantCulture));
                else
                    await TakeAsync(_prng.Pick([.. _readers]));
            }
            catch (DmException e)
            {
                if (!_simulation.IsPowerOff && !(_plan.Fails && e.Message.Contains("made durable", StringComparison.Ordinal)))
                    _simulation.Fail($"asking failed: {e.Message}");
            }
        }
    }

    async Task AllTakeAsync()
    {
        foreach (SimReader reader in _readers)
            await TakeAsync(reader);
    }

    async Task TakeAsync(SimReader reader)
    {
        reader.TouchedSinceAsked = [];
        for (ulong i = 0; i < (ulong)_sectors; i++)
        {
            if (_load!.IsWriting(i))
                Touch(reader, i, 1);
        }
        Changes changes = await Changes.AskAsync(_device!, "take", reader.Name, "since", $"{reader.Last}");
        // After a crash nobody gets the answer.
        if (_simulation.IsPowerOff)
            return;
        Told(changes.Until);
        if (changes.Full is null && changes.Since != reader.Last)
            _simulation.Fail($"asked since {reader.Last}, told since {changes.Since}");
        if (changes.Full is not null && reader.Last != 0 && !MayLoseHistory(changes.Full))
            _simulation.Fail($"reader {reader.Name} must copy everything: {changes.Full}");
        if (changes.Full is null)
            CheckBound(reader, changes);
        byte[] content = _disk.Content[(_first << Sectors.Shift)..];
        foreach (ulong sector in changes.Full is null ? changes.Sectors : Enumerable.Range(0, _sectors).Select(i => (ulong)i))
            content.AsSpan((int)sector << Sectors.Shift, Sectors.Bytes).CopyTo(reader.Copy.AsSpan((int)sector << Sectors.Shift));
        if (changes.Full is null && reader.Crashes > 0)
            _plan.RangesAfterCrash.Seen();
        reader.Last = changes.Until;
        reader.Crashes = 0;
        reader.Touched = reader.TouchedSinceAsked;
        reader.TouchedSinceAsked = [];
    }

    /// <summary>A journal in which not everything fits gives up the oldest checkpoints, and says so.</summary>
    static bool MayLoseHistory(string reason) => reason.Contains("no room for what was before", StringComparison.Ordinal);

    /// <summary>Numbers grow, whatever happens.</summary>
    void Told(ulong epoch)
    {
        if (epoch <= _highest && !_simulation.IsPowerOff)
            _simulation.Fail($"checkpoint {epoch} comes again; {_highest} was told");
        _highest = Math.Max(_highest, epoch);
    }

    /// <summary>Told is what was written; after crashes also what was active then.</summary>
    void CheckBound(SimReader reader, Changes changes)
    {
        ulong[] more = [.. changes.Sectors.Where(sector => !reader.Touched.Contains(sector))];
        int bound = reader.Crashes * _limits.MostActive * (int)_limits.ExtentSectors;
        if (more.Length > bound)
            _simulation.Fail($"{more.Length} sectors were told that nobody wrote, sector {more[0]} for one; {reader.Crashes} crashes explain {bound}");
    }

    void CheckCopies()
    {
        byte[] content = _disk.Content[(_first << Sectors.Shift)..];
        foreach (SimReader reader in _readers)
        {
            int same = content.AsSpan().CommonPrefixLength(reader.Copy);
            if (same < content.Length)
                _simulation.Fail($"reader {reader.Name} was not told that sector {same / Sectors.Bytes} changed");
        }
    }

    /// <summary>Nothing is under way, here and there: what is told is what was written, and what is told discarded holds nothing of value.</summary>
    async Task CheckExactAsync(SimHost host)
    {
        SimReader reader = _readers[0];
        _load = NewLoad(_prng.Between(1, 30));
        host.Attach(_device!, _load, 1, _prng.Between(1, 4));
        await _load.FinishedAsync();
        Changes now = await Changes.AskAsync(_device!, "changes", "since", $"{reader.Last}");
        if (now.Full is not null)
            return;
        ulong[] told = [.. now.Sectors.Order()], written = [.. reader.Touched.Order()];
        if (!told.SequenceEqual(written))
            _simulation.Fail($"told {string.Join(' ', told)}; written {string.Join(' ', written)}");
        byte[] content = _disk.Content[(_first << Sectors.Shift)..];
        foreach ((ulong sector, ulong count, bool isDiscarded) in now.Ranges)
        {
            if (!isDiscarded)
                continue;
            _plan.Discarded.Seen();
            ReadOnlySpan<byte> range = content.AsSpan((int)sector << Sectors.Shift, (int)count << Sectors.Shift);
            if (range.ContainsAnyExcept((byte)0, (byte)0xDC))
                _simulation.Fail($"sectors {sector}+{count} are told discarded, and hold data");
        }
    }

    async Task HealAsync()
    {
        _simulation.Disks["meta"].Faults = [];
        bool hasFailed = (await _device!.StatusAsync(inactive: false, default))[0].Params.EndsWith('D');
        await Operations.UntilAsync(_simulation, async () => (await _device.StatusAsync(inactive: false, default))[0].Params.EndsWith('A'));
        if (hasFailed)
            _plan.Healed.Seen();
    }

    async Task ReadBackAsync()
    {
        (Errno error, byte[] content) = await SimHost.ReadAllAsync(_device!);
        if (_simulation.IsPowerOff)
            return;
        string? wrong = error != Errno.None ? $"the device cannot be read: {error}"
            : _crashed ? _oracle.CheckCrashed(content) : _oracle.CheckRead(0, content);
        _crashed = false;
        if (wrong is not null)
            _simulation.Fail(wrong);
    }
}
