using System.Runtime.ExceptionServices;

namespace Ublk.Engine;

/// <summary>A constructed table: its targets and what they opened. [C]</summary>
sealed class Table : IAsyncDisposable
{
    /// <summary>About 80 MB.</summary>
    const int MostLines = 32_768;

    readonly TableDevices _devices;
    readonly Homes _homes;
    readonly List<object> _heldHomes = [];

    Table(TableDevices devices, Homes homes, LoadOptions options)
    {
        _devices = devices;
        _homes = homes;
        Options = options;
    }

    public List<TableEntry> Entries { get; } = [];

    public LoadOptions Options { get; }

    /// <summary>A node has had users while it was live: what its load created is theirs from then on.</summary>
    public bool HasServed { get; set; }

    public ulong SectorCount => Entries[^1].End;

    /// <summary>What a table loaded read-only refuses, its targets never see.</summary>
    BlockOps Allowed => Options.ReadOnly ? BlockOps.Read | BlockOps.Flush : BlockOps.All;

    /// <summary>Devices of ours that it stands on.</summary>
    public IEnumerable<MappedDevice> Lower => Entries.SelectMany(entry => entry.Opened).Select(opened => opened.Lower).OfType<MappedDevice>();

    /// <summary>Constructs every line; when one fails nothing is left.</summary>
    public static async Task<Table> ConstructAsync(
        string text, LoadOptions options, DeviceMapper mapper, MappedDevice owner, ITargetServices services, CancellationToken ct)
    {
        var devices = new TableDevices(mapper, owner);
        var table = new Table(devices, mapper.Homes, options);
        try
        {
            ulong next = 0;
            foreach (TableText line in TableText.Parse(text))
            {
                if (line.Start is { } start && start != next)
                {
                    throw new DmException(DmFailure.Failed, $"table line {line.Number}: starts at sector {start}, but the line before ends at {next}; "
                        + (start > next ? $"sectors {next} to {start - 1} are a gap" : "the lines overlap"));
                }
                ct.ThrowIfCancellationRequested();
                if (table.Entries.Count == MostLines)
                    throw new DmException(DmFailure.Failed, $"table line {line.Number}: a table has {MostLines} lines at most, whose memory is locked; make several devices of it");
                TableEntry entry = await ConstructAsync(line, next, options, mapper, devices, services, ct);
                table.Entries.Add(entry);
                table.CheckAlignment(entry);
                next = entry.End;
            }
            return table;
        }
        catch
        {
            await table.CloseAsync(failed: true);
            throw;
        }
    }

    static async Task<TableEntry> ConstructAsync(
        TableText line, ulong start, LoadOptions options, DeviceMapper mapper, TableDevices devices, ITargetServices services, CancellationToken ct)
    {
        TargetType type = mapper.FindType(line.Target)
            ?? throw new DmException(DmFailure.Failed, $"table line {line.Number}: unknown target '{line.Target}'{mapper.Suggest(line.Target)}");
        if (line.SectorCount == 0)
            throw new DmException(DmFailure.Failed, $"table line {line.Number}: length 0; a line has at least one sector");
        var cursor = new LineCursor(line, options, devices);
        Target? target = null;
        try
        {
            target = await type.ConstructAsync(cursor, services, ct);
            cursor.End();
            if (line.SectorCount is { } wanted && wanted != target.SectorCount)
                throw new TableException(0, $"target {type.Name} is {target.SectorCount} sectors long, the line says {wanted}");
            if (target.SectorCount == 0)
                throw new TableException(0, $"target {type.Name} would be empty; what it stands on has no sectors");
            return new TableEntry(line, start, type.Name, target, cursor.Opened);
        }
        catch (Exception e)
        {
            if (target is not null)
                await target.DisposeAsync();
            foreach (OpenedDevice opened in Enumerable.Reverse(cursor.Opened))
                await devices.CloseAsync(opened, failed: true);
            if (e is not TableException refused)
                throw;
            string where = refused.Argument == 0 ? "" : $", argument {refused.Argument}{(refused.What is null ? "" : $" ({refused.What})")}";
            string syntax = refused.Argument == 0 ? "" : $"; usage: {type.Name} {type.Syntax}";
            throw new DmException(DmFailure.Failed, $"table line {line.Number}{where}: {refused.Message}{syntax}", e);
        }
    }

    void CheckAlignment(TableEntry entry)
    {
        uint blockSectors = entry.Limits().LogicalBlockBytes >> Sectors.Shift;
        if (entry.Start % blockSectors != 0 || entry.Target.SectorCount % blockSectors != 0)
        {
            throw new DmException(DmFailure.Failed, $"table line {entry.Text.Number}: start {entry.Start} and length {entry.Target.SectorCount} "
                + $"must be multiples of {blockSectors} sectors, the logical block of what the line stands on");
        }
    }

    /// <summary>The live table as the layer above sees it.</summary>
    public StackShape Shape()
    {
        BlockOps ops = BlockOps.None;
        foreach (TableEntry entry in Entries)
            ops |= entry.Target.Ops & Allowed;
        // A single line's are taken as they are: it begins at sector 0, so where it splits means the same for the whole device.
        BlockLimits limits = Entries.Select(entry => entry.Limits()).Aggregate(BlockLimits.Stack);
        bool seesData = Entries.Exists(entry => entry.Target.SeesData) || Lower.Any(lower => lower.Stack.Shape.SeesData);
        return new StackShape(SectorCount, ops, limits, seesData);
    }

    /// <summary>Every line prepares, or none: those that had when one refuses withdraw.</summary>
    public async Task PrepareAsync(CancellationToken ct)
    {
        int prepared = 0;
        try
        {
            for (; prepared < Entries.Count; prepared++)
                await Entries[prepared].Target.PrepareAsync(ct);
        }
        catch (Exception e)
        {
            TableEntry refusing = Entries[prepared];
            Withdraw(prepared);
            if (e is not TableException)
                throw;
            throw new DmException(DmFailure.Failed, $"table line {refusing.Text.Number} ({refusing.TypeName}): cannot resume: {e.Message}", e);
        }
    }

    /// <summary>Every line takes over, whatever another one throws; gives the first that did.</summary>
    public Task<Exception?> TakeOverAsync() => OnEachAsync(target => target.TakeOverAsync());

    /// <summary>Another table has taken over; likewise.</summary>
    public Task<Exception?> ReplacedAsync() => OnEachAsync(target => target.ReplacedAsync());

    async Task<Exception?> OnEachAsync(Func<Target, ValueTask> step)
    {
        Exception? first = null;
        foreach (TableEntry entry in Entries)
        {
            try
            {
                await step(entry.Target);
            }
            catch (Exception e)
            {
                first ??= e;
            }
        }
        return first;
    }

    void Withdraw(int count)
    {
        for (int i = count - 1; i >= 0; i--)
            Entries[i].Target.Withdraw();
    }

    /// <summary>
    /// Makes the shards of a table that has prepared, each home on its worker; new homes go to the preferred one, together. When one throws,
    /// none is left, and every line has withdrawn.
    /// </summary>
    public void OpenShards(StackedDevice stack, IReadOnlyList<Worker> workers, Func<Worker> prefer)
    {
        Worker? preferred = null;
        try
        {
            foreach (TableEntry entry in Entries)
            {
                Worker? worker = null;
                if (entry.Target.Home is { } home)
                {
                    worker = _homes.Hold(home, () => preferred ??= prefer());
                    _heldHomes.Add(home);
                }
                entry.OpenShards(stack, workers, worker);
            }
        }
        catch
        {
            foreach (TableEntry entry in Entries)
                entry.CloseShards();
            LetHomesGo();
            Withdraw(Entries.Count);
            throw;
        }
    }

    public LayerLine[] LinesOn(Layer layer) => [.. Entries.Select(entry => entry.MakeLine(layer, entry.OwnLimits(), Allowed))];

    /// <summary>Closes everything as if it had never been: a store file that the load created goes away again.</summary>
    public ValueTask AbandonAsync() => CloseAsync(failed: true);

    /// <summary>Closes everything. The shards must have stopped.</summary>
    public ValueTask DisposeAsync() => CloseAsync(failed: false);

    void LetHomesGo()
    {
        foreach (object home in _heldHomes)
            _homes.LetGo(home);
        _heldHomes.Clear();
    }

    async ValueTask CloseAsync(bool failed)
    {
        ExceptionDispatchInfo? first = null;
        foreach (TableEntry entry in Entries)
        {
            entry.CloseShards();
            try
            {
                await entry.Target.DisposeAsync();
            }
            catch (Exception e)
            {
                // Of a plug-in, perhaps. What it stands on is closed all the same, and so are the other lines.
                first ??= ExceptionDispatchInfo.Capture(e);
            }
            foreach (OpenedDevice opened in entry.Opened.Reverse())
                await _devices.CloseAsync(opened, failed);
        }
        LetHomesGo();
        first?.Throw();
    }
}
