using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Cuts;

/// <summary>What a cut is to do, checked as far as it can be before anything is done.</summary>
sealed class CutPlan
{
    const string OriginTarget = "snapshot-origin";

    readonly List<(CutSnapshot Asked, MappedDevice Origin, string Underneath, string Cow, string Table)> _pieces = [];

    /// <param name="request">What the client asks for.</param>
    /// <param name="mapper">The devices there are.</param>
    /// <param name="stores">Folder of the stores that nobody named.</param>
    public CutPlan(CutRequest request, DeviceMapper mapper, string stores)
    {
        if (request.Snapshots.Count == 0) throw new UsageException("a cut has at least one snapshot");
        if (request.LimitMs is < 1 or > 600_000) throw new UsageException($"a limit of {request.LimitMs} ms; 1 to 600000 make sense");
        foreach (var asked in request.Snapshots)
        {
            var origin = Origin(asked.Origin, mapper);
            string cow = asked.Cow ?? Path.Combine(stores, asked.Name + ".cow");
            string underneath = Underneath(origin);
            _pieces.Add((asked, origin, underneath, cow, Table(asked, underneath, cow)));
        }
    }

    public IReadOnlyList<MappedDevice> Origins => [.. _pieces.Select(piece => piece.Origin).Distinct()];

    public IEnumerable<(string Name, string Table, LoadOptions Options)> Devices =>
        _pieces.Select(piece => (piece.Asked.Name, piece.Table, new LoadOptions(StoreSectors: piece.Asked.CowSectors)));

    /// <summary>The new devices are snapshots of what the origins stand on, and not of something of the same name.</summary>
    public void CheckMade(IReadOnlyList<MappedDevice> made)
    {
        foreach (var (piece, device) in _pieces.Zip(made))
        {
            if (!device.SharesBackingWith(piece.Origin))
            {
                throw new DmException(
                    DmFailure.Failed, $"device {piece.Origin.Name} stands on {piece.Underneath}, which no second device can open: memory belongs to one device. "
                    + "Make a device of it (linear), and the origin on that");
            }
        }
    }

    /// <summary>The origins are what they were, and nobody can change that now.</summary>
    public void CheckOrigins()
    {
        foreach (var piece in _pieces)
        {
            if (Underneath(piece.Origin) != piece.Underneath)
                throw new DmException(DmFailure.Failed, $"device {piece.Origin.Name} got another table while the cut was prepared; try again");
        }
    }

    public IReadOnlyList<CutPiece> Describe(IReadOnlyList<MappedDevice> made, string linkFolder) =>
        [.. _pieces.Zip(made, (piece, device) => new CutPiece(
            device.Name, $"{linkFolder}/{device.Name}", piece.Origin.Name, device.Stack.SectorCount, piece.Cow, TableOf(device)))];

    static MappedDevice Origin(string word, DeviceMapper mapper) => mapper.Find(word) ?? mapper.FindStacked(word)
        ?? throw new DmException(
            DmFailure.NotFound,
            $"{word} is no device of ublk-dm, so its requests cannot be held. Put one under its users: ublk-dm create NAME --table '{OriginTarget} {word}', "
            + "and let them use /dev/ublk-dm/NAME");

    // The origin's own origin: a write to the device is copied out only by that table.
    static string Underneath(MappedDevice origin)
    {
        var table = origin.Table(inactive: false);
        if (table is [{ Target: OriginTarget } line]) return line.Params;
        string now = table.Count == 0 ? "it has no live table" : $"its table is {string.Join(", ", table.Select(one => one.Target))}";
        throw new DmException(
            DmFailure.Failed,
            $"device {origin.Name} is no origin ({now}), so what is written to it would not be copied to a snapshot. Put one under its users, while they "
            + $"use it: ublk-dm create {origin.Name}-real with the table that {origin.Name} has now; "
            + $"ublk-dm load {origin.Name} --table '{OriginTarget} /dev/ublk-dm/{origin.Name}-real'; ublk-dm resume {origin.Name}");
    }

    static string Table(CutSnapshot asked, string origin, string cow)
    {
        string features = asked.Features is { Count: > 0 } given ? $" {given.Count} {string.Join(' ', given.Select(TableWord.Quote))}" : "";
        return $"snapshot {origin} {TableWord.Quote(cow)} {TableWord.Quote(asked.Store ?? "P")} {asked.ChunkSectors ?? 0}{features}";
    }

    static string TableOf(MappedDevice device)
    {
        var line = device.Table(inactive: false)[0];
        return $"{line.Start} {line.SectorCount} {line.Target} {line.Params}";
    }
}
