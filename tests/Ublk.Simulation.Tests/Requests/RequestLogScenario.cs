using System.Globalization;
using Ublk.Engine;
using Ublk.Formats.Requests;
using Ublk.Targets.Log;

namespace Ublk.Simulation.Tests;

/// <summary>
/// A device that logs its requests, used from several workers, with readers of every speed, turned off and on and filtered meanwhile; a witness
/// above and one below it see the same requests in the same step. What readers got and what they were told is lost must be what the witnesses saw.
/// </summary>
sealed class RequestLogScenario
{
    const int SectorCount = 96;
    const long EpochNs = 1_893_456_000_000_000_000;     // the simulator's clock begins in 2030

    readonly Simulation _simulation;
    readonly RequestLogPlan _plan;
    readonly Prng _prng;
    readonly RequestLogSizes _sizes;
    readonly Witness _above = new();
    readonly Witness _below = new();
    RequestLogTarget? _target;
    int _passedBy;

    RequestLogScenario(Simulation simulation, RequestLogPlan plan)
    {
        _simulation = simulation;
        _plan = plan;
        _prng = simulation.Prng;
        _sizes = new(Ring: _prng.Pick(16, 64, 1024), Queue: _prng.Pick(16, 128, 2048), Window: _prng.Pick(64, 2048), History: _prng.Pick(8, 4096));
    }

    public static void Run(Simulation simulation, RequestLogPlan plan) => simulation.Run(new RequestLogScenario(simulation, plan).LiveAsync);

    async Task LiveAsync()
    {
        InjectedFault[] faults = _prng.Chance(40) ? [new("a read error", BlockOp.Read, 30), new("a write error", BlockOp.Write, 30)] : [];
        _simulation.Disks.Add("d0", SectorCount).Faults = faults;
        var type = new KeptTargetType(new RequestLogTargetType(_sizes, _plan.Faults), target => _target = (RequestLogTarget)target);
        SimHost host = _simulation.Boot(_prng.Between(1, 3), type, new WitnessTargetType(new() { ["above"] = _above, ["below"] = _below }));
        await host.StartAsync("below", $"0 {SectorCount} witness below d0");
        _below.Wants = _above.Wants = Passes;
        MappedDevice device = await host.StartAsync("log", $"0 {SectorCount} reqlog {host.PathOf("below")} 0");
        MappedDevice top = await host.StartAsync("top", $"0 {SectorCount} witness above {host.PathOf("log")}");

        var load = new Workload(_simulation, new Oracle(new byte[SectorCount * Sectors.Bytes]), Mix(), _prng.Between(50, 600));
        LogReading[] readings = new LogReading[_prng.Between(1, 4)];
        for (int i = 0; i < readings.Length; i++)
            readings[i] = await LogReading.StartAsync(_simulation, device, SectorCount, () => load.IsFinished);
        host.Attach(top, load, _prng.Between(1, 3), _prng.Between(1, 8));
        bool isOperated = _prng.Chance(50);
        if (isOperated)
            await OperateAsync(device, load);
        await load.FinishedAsync();

        await CheckTotalsAsync(device);
        await CheckHistoryAsync(device);
        await host.ShutDownAsync(load);
        foreach (LogReading reading in readings)
        {
            await reading.Done;
            Check(reading);
        }
        if (isOperated && _passedBy > 0)
            _plan.OffUnderLoad.Seen();
    }

    /// <summary>Asked by the witnesses in the very step in which the target asks itself.</summary>
    bool Passes(BlockRequest request)
    {
        bool passes = _target is { } target && target.Filter.Passes((RecordOp)request.Op, request.Sector, request.SectorCount);
        _passedBy += passes ? 0 : 1;
        return passes;
    }

    WorkloadMix Mix() => new() { LongestSectors = _prng.Pick(2, 8, 24) };

    async Task OperateAsync(MappedDevice device, Workload load)
    {
        for (int i = _prng.Between(1, 8); i > 0 && !load.IsFinished; i--)
        {
            await _simulation.TurnsAsync(_prng.Between(1, 400));
            string message = _prng.Pick("off", "on", "ops w", "ops rwfdz", "range 10 30", "range all");
            await device.MessageAsync(0, message.Split(' '), default);
            await device.StatusAsync(inactive: false, default);
        }
        await device.MessageAsync(0, ["on"], default);
    }

    /// <summary>Arrived = recorded + dropped, a moment after the last request, although no other follows.</summary>
    async Task CheckTotalsAsync(MappedDevice device)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(500), _simulation.Time);
        ulong[] n = [.. (await device.StatusAsync(inactive: false, default))[0].Params.Split(' ')[1..4].Select(word => ulong.Parse(word, CultureInfo.InvariantCulture))];
        if (n[0] != (ulong)_below.Seen.Count || n[1] + n[2] != n[0])
            _simulation.Fail($"{_below.Seen.Count} requests came; the target says {n[0]}, {n[1]} recorded and {n[2]} dropped");
        if (n[2] > 0)
            _plan.RingGap.Seen();
    }

    /// <summary>One who does not follow gets the last records, and the end.</summary>
    async Task CheckHistoryAsync(MappedDevice device)
    {
        var reader = new LogReading { Ops = RecordOps.All, First = 0, End = SectorCount, WantsDirty = false, IsWholeRange = true };
        await foreach (ReadOnlyMemory<byte> piece in await device.StreamAsync(0, ["log"], default))
        {
            if (piece.Length != RequestLogHeader.ByteCount || piece.Length % RequestRecord.ByteCount == 0)
                reader.Records.AddRange(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, RequestRecord>(piece.Span));
        }
        if (reader.Records is not [.., { Kind: RecordKind.Filter }] || reader.Records.Count > _sizes.History + 1)
            _simulation.Fail($"{reader.Records.Count} records are not the {_sizes.History} that are kept at most, and what is recorded now");
        foreach (RequestRecord record in reader.Records.Where(record => record.Kind == RecordKind.Request))
            CheckRecord(record);
        if (_below.Seen.Count > 0 && reader.Records.Count < 2)
            _simulation.Fail("nothing was kept");
    }

    void Check(LogReading reading)
    {
        if (reading.Header is not { SectorCount: SectorCount, Sequence: 0, FirstSector: 0 })
            _simulation.Fail($"the header is wrong: {reading.Header}");
        if (reading.Records is not [{ Kind: RecordKind.Filter, Ops: RecordOps.All, Sector: 0, SectorCount: SectorCount }, ..])
            _simulation.Fail("the first record does not say what is recorded");
        var received = new HashSet<ulong>();
        ulong last = 0;
        foreach (RequestRecord record in reading.Records.Where(record => record.Kind == RecordKind.Request))
        {
            CheckRecord(record);
            if (!reading.Wants(_below.Seen[(int)record.Sequence]))
                _simulation.Fail($"a reader got what it had not asked for: {record}");
            if (!received.Add(record.Sequence))
                _simulation.Fail($"a reader got record {record.Sequence} twice");
            if (record.Sequence < last && _sizes.Window > _below.Seen.Count && !WasLate(record, last))
                _simulation.Fail($"record {record.Sequence} came behind {last}");
            last = Math.Max(last, record.Sequence);
        }
        for (int op = 0; op < 5; op++)
            CheckOp(reading, (BlockOp)op, received);
    }

    /// <summary>It took so much longer than the one that overtook it.</summary>
    bool WasLate(RequestRecord record, ulong last) =>
        _above.Seen[(int)record.Sequence].DoneNs - _below.Seen[(int)last].DoneNs > RequestWindow.HoldNs / 2
        || Enumerable.Range((int)record.Sequence, (int)(last - record.Sequence) + 1)
            .Any(at => _above.Seen[(int)record.Sequence].DoneNs - _below.Seen[at].DoneNs > RequestWindow.HoldNs / 2);

    void CheckRecord(RequestRecord record)
    {
        if (record.Sequence >= (ulong)_below.Seen.Count)
        {
            _simulation.Fail($"a record of a request that never came: {record}");
            return;
        }
        Witnessed below = _below.Seen[(int)record.Sequence], above = _above.Seen[(int)record.Sequence];
        if ((int)record.Op != (int)below.Op || (int)record.Flags != (int)below.Flags || record.Sector != below.Sector || record.SectorCount != below.SectorCount)
            _simulation.Fail($"{record} was {below.Op} {below.Flags} of {below.SectorCount} sectors at {below.Sector}");
        if (record.Error != (ushort)below.Result)
            _simulation.Fail($"{record} ended with {below.Result}");
        if ((long)record.LatencyNs < below.DoneNs - below.ArrivedNs || (long)record.LatencyNs > above.DoneNs - above.ArrivedNs)
            _simulation.Fail($"{record} took {below.DoneNs - below.ArrivedNs} ns below and {above.DoneNs - above.ArrivedNs} ns above");
        if (Math.Abs((long)record.UnixNs - EpochNs - below.ArrivedNs) > 200)
            _simulation.Fail($"{record} came at {EpochNs + below.ArrivedNs}");
        if (record.Error != 0)
            _plan.Failed.Seen();
    }

    void CheckOp(LogReading reading, BlockOp op, HashSet<ulong> received)
    {
        var wanted = Enumerable.Range(0, _below.Seen.Count).Where(at => _below.Seen[at].Op == op && reading.Wants(_below.Seen[at])).ToList();
        int got = wanted.Count(at => received.Contains((ulong)at));
        RequestRecord[] gaps = [.. reading.Records.Where(record => record.IsGap && (int)record.Op == (int)op)];
        ulong lost = gaps.Aggregate(0UL, (sum, gap) => sum + gap.LostCount);
        bool isExact = reading.IsWholeRange || op == BlockOp.Flush;
        if (isExact ? (ulong)got + lost != (ulong)wanted.Count : (ulong)got + lost < (ulong)wanted.Count)
            _simulation.Fail($"of {wanted.Count} requests ({op}) a reader got {got}, and was told that {lost} are lost");
        if (lost > 0)
            _plan.ReaderGap.Seen();
        bool changes = op is BlockOp.Write or BlockOp.Discard or BlockOp.WriteZeroes;
        foreach (RequestRecord gap in gaps)
        {
            if (gap.Kind == RecordKind.Dirty != (reading.WantsDirty && changes))
                _simulation.Fail($"a reader that wants {(reading.WantsDirty ? "dirty ranges" : "gaps")} got {gap}");
        }
        foreach (int at in wanted.Where(at => !received.Contains((ulong)at)))
        {
            Witnessed missed = _below.Seen[at];
            if (!gaps.Any(gap => gap.Sequence <= (ulong)at && gap.Sector <= missed.Sector && gap.End >= missed.Sector + missed.SectorCount))
                _simulation.Fail($"request {at} ({op} of sectors {missed.Sector} to {missed.Sector + missed.SectorCount}) is lost, and no range covers it");
            if (reading.WantsDirty && changes)
                _plan.Dirty.Seen();
        }
    }

    /// <summary>Tells the scenario which target was made.</summary>
    sealed class KeptTargetType(TargetType type, Action<Target> keep) : TargetType
    {
        public override string Name => type.Name;

        public override Version Version => type.Version;

        public override string Syntax => type.Syntax;

        public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
        {
            Target target = await type.ConstructAsync(line, services, ct);
            keep(target);
            return target;
        }
    }
}
