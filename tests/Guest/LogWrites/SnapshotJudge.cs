namespace Ublk.Guest.Tests.LogWrites;

/// <summary>A disk with an origin and, behind it, the COW store of its snapshot: both must hold what they may.</summary>
sealed class SnapshotJudge : ICrashJudge
{
    const int SectorBytes = 512;
    const int SnapshotDevice = 0;
    const int OriginDevice = 1;

    readonly WriteJournal _journal;
    readonly int _originSectors;
    readonly int _chunkSectors;
    readonly long[] _chunkOf;

    /// <param name="folder">What a run of scenario 48 left.</param>
    public SnapshotJudge(string folder)
    {
        int[] layout = [.. File.ReadAllText(Path.Combine(folder, "layout")).Split(' ').Select(int.Parse)];
        (_originSectors, _chunkSectors) = (layout[0], layout[2]);
        SectorCount = layout[0] + layout[1];
        _journal = new(Path.Combine(folder, "journal"), _originSectors, devices: 2);
        _chunkOf = new long[_originSectors / _chunkSectors];
    }

    public int SectorCount { get; }

    public string Seen => $"{Writes} writes, {ExceptionCount} exceptions";

    /// <summary>Chunks that had an exception in the last state.</summary>
    public int ExceptionCount => _chunkOf.Count(chunk => chunk != 0);

    /// <summary>Writes to the snapshot and to the origin.</summary>
    public (int Snapshot, int Origin) Writes => (_journal.WritesOf(SnapshotDevice), _journal.WritesOf(OriginDevice));

    public bool Pass(string mark) => _journal.Pass(mark);

    public string? Fault(ReadOnlySpan<byte> disk)
    {
        ReadOnlySpan<byte> store = disk[(_originSectors * SectorBytes)..];
        if (CowStore.Load(store, _chunkSectors, _chunkOf) is { } fault)
            return fault;
        for (int sector = 0; sector < _originSectors; sector++)
        {
            ReadOnlySpan<byte> origin = disk.Slice(sector * SectorBytes, SectorBytes);
            if (_journal.Fault(OriginDevice, sector, origin) is { } wrong)
                return $"sector {sector} of the origin {wrong}";
            long chunk = _chunkOf[sector / _chunkSectors];
            long copy = chunk * _chunkSectors + sector % _chunkSectors;
            ReadOnlySpan<byte> snapshot = chunk == 0 ? origin : store.Slice((int)copy * SectorBytes, SectorBytes);
            if (_journal.Fault(SnapshotDevice, sector, snapshot) is { } other)
                return $"sector {sector} of the snapshot, {(chunk == 0 ? "on the origin" : $"in chunk {chunk} of the store")}, {other}";
        }
        return null;
    }
}
