namespace Ublk.Targets.Mirror;

/// <summary>Two to nine copies of the same, kept alike; a dirty log says what has to be recovered after a crash.</summary>
public sealed class MirrorTargetType : TargetType
{
    readonly DirtyLogType[] _logs;
    readonly LiveMirrors _live = new();
    readonly MirrorFaults _faults;

    /// <summary>The target type as the host registers it.</summary>
    /// <param name="logs">The kinds of dirty log that a table can name.</param>
    public MirrorTargetType(IEnumerable<DirtyLogType> logs)
        : this(logs, MirrorFaults.None)
    {
    }

    internal MirrorTargetType(IEnumerable<DirtyLogType> logs, MirrorFaults faults)
    {
        _logs = [.. logs.OrderBy(log => log.Name, StringComparer.Ordinal)];
        _faults = faults;
    }

    /// <inheritdoc/>
    public override string Name => "mirror";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 15, 0);

    /// <inheritdoc/>
    public override string Syntax =>
        $"{{{string.Join(" | ", _logs.Select(log => $"{log.Name} <arguments> {log.Syntax}"))}}} <legs> {{<device> <first sector>}}... [<feature words> {MirrorFeatures.Syntax}]";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        IDirtyLog log = await ReadLogAsync(line, services, ct);
        try
        {
            Leg[] legs = await ReadLegsAsync(line, ct);
            uint block = legs.Max(leg => leg.Device.Limits.LogicalBlockBytes);
            if ((ulong)log.RegionSectors * Sectors.Bytes < block)
                throw new TableException(0, $"regions of {log.RegionSectors} sectors are smaller than a logical block of the legs, {block} bytes; choose larger ones");
            MirrorFeatures features = MirrorFeatures.Read(line, legs.Length);
            ulong sectorCount = line.SectorCount ?? CommonLength(legs);
            if (features.Adopts && LegPlan.LogWithoutWord(log) != log.Table)
                throw new TableException(0, "adopt, and sync or nosync of the log, exclude each other: either what the mirror before knows counts, or nothing");
            await log.OpenAsync(sectorCount, line.Options.Force);
            // A table that says nosync has nothing to tell anybody when it is resumed.
            var set = new LegSet(legs, features, log.RegionCount, services) { IsInSync = log.SyncCount == log.RegionCount };
            return new MirrorTarget(set, log, features, sectorCount, _live, services, _faults);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    async ValueTask<IDirtyLog> ReadLogAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        string word = line.Word("log type");
        DirtyLogType type = Array.Find(_logs, log => log.Name == word)
            ?? throw line.Error($"'{word}' is no kind of log; there are {string.Join(" and ", _logs.Select(log => log.Name))}");
        ulong count = line.Number("number of log arguments");
        if (count < (ulong)type.MinArguments || count > (ulong)type.MaxArguments)
        {
            throw line.Error($"a {type.Name} log has {type.MinArguments} to {type.MaxArguments} arguments ({type.Syntax}), not {count}");
        }
        if (count > (ulong)line.Remaining)
            throw line.Error($"says {count}, but {line.Remaining} arguments follow");
        return await type.ConstructAsync(line, (int)count, services, ct);
    }

    static async ValueTask<Leg[]> ReadLegsAsync(TableLine line, CancellationToken ct)
    {
        int count = (int)line.Number("number of legs", 2, LegSet.MostLegs);
        if (line.Remaining < 2 * count)
            throw line.Error($"{count} legs need {2 * count} more arguments, a device and a first sector each; there are {line.Remaining}");
        Claim claim = line.Options.ReadOnly ? Claim.ReadOnly : Claim.Shared;
        var legs = new Leg[count];
        for (int i = 0; i < count; i++)
        {
            BackingDevice device = await line.DeviceAsync($"leg {i}", claim, ct);
            ulong first = line.Number($"first sector of leg {i}");
            if (first >= device.SectorCount)
                throw line.Error($"sector {first} is behind the end of {device}, which has {device.SectorCount} sectors");
            if (line.SectorCount > device.SectorCount - first)
            {
                throw line.Error($"{line.SectorCount} sectors from sector {first} do not fit on {device}, which has {device.SectorCount}; "
                    + "shorten the line or extend the device");
            }
            uint block = Math.Max(device.Limits.LogicalBlockBytes / Sectors.Bytes, 1);
            if (first % block != 0)
                throw line.Error($"must be a multiple of {block}: {device} has logical blocks of {device.Limits.LogicalBlockBytes} bytes");
            legs[i] = new(device, first);
            CheckApart(line, legs.AsSpan(0, i + 1));
        }
        return legs;
    }

    /// <summary>Two parts of one device may be two legs (LVM's pvmove has them so), the same part may not.</summary>
    static void CheckApart(TableLine line, ReadOnlySpan<Leg> legs)
    {
        Leg last = legs[^1];
        foreach (Leg leg in legs[..^1])
        {
            ulong apart = Math.Max(leg.First, last.First) - Math.Min(leg.First, last.First);
            if (leg.Device == last.Device && apart < (line.SectorCount ?? ulong.MaxValue))
                throw line.Error($"{last.Device} is a leg already, and this part of it overlaps that: a copy on the same place is no copy");
        }
    }

    static ulong CommonLength(Leg[] legs)
    {
        ulong shortest = legs.Min(leg => leg.Device.SectorCount - leg.First), longest = legs.Max(leg => leg.Device.SectorCount - leg.First);
        return shortest == longest ? shortest
            : throw new TableException(0, $"the legs have {shortest} to {longest} sectors; say how many the mirror has: 0 {shortest} mirror ...");
    }
}
