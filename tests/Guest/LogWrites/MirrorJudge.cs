namespace Ublk.Guest.Tests.LogWrites;

/// <summary>
/// A disk with the two legs of a mirror and, behind them, its log: in each region that the log has as clean the legs are alike, and after
/// the recovery of the others the mirror holds what it may.
/// </summary>
sealed class MirrorJudge : ICrashJudge
{
    const int SectorBytes = 512;

    readonly WriteJournal _journal;
    readonly int _legSectors;
    readonly int _regionSectors;
    readonly bool[] _isClean;
    bool _isMade;
    bool _wasInSync;

    /// <param name="folder">What a run of scenario 54 left.</param>
    public MirrorJudge(string folder)
    {
        int[] layout = [.. File.ReadAllText(Path.Combine(folder, "layout")).Split(' ').Select(int.Parse)];
        (_legSectors, _regionSectors) = (layout[0], layout[2]);
        SectorCount = 2 * layout[0] + layout[1];
        _journal = new(Path.Combine(folder, "journal"), _legSectors, devices: 1);
        _isClean = new bool[_legSectors / _regionSectors];
    }

    public int SectorCount { get; }

    public string Seen => $"{WriteCount} writes, since it was in sync {CleanCount} states with all regions clean and {DirtyCount} others";

    public int WriteCount => _journal.WritesOf(0);

    /// <summary>States since the mirror was in sync in which all regions were clean.</summary>
    public int CleanCount { get; private set; }

    /// <summary>States since then in which some were not.</summary>
    public int DirtyCount { get; private set; }

    public bool Pass(string mark)
    {
        _isMade |= mark == "created";
        _wasInSync |= mark == "in-sync";
        return _journal.Pass(mark);
    }

    public string? Fault(ReadOnlySpan<byte> disk)
    {
        int legBytes = _legSectors * SectorBytes, regionBytes = _regionSectors * SectorBytes;
        ReadOnlySpan<byte> first = disk[..legBytes], second = disk.Slice(legBytes, legBytes);
        if (MirrorLog.Load(disk[(2 * legBytes)..], _isMade, _isClean) is { } fault)
            return fault;
        for (int region = 0; region < _isClean.Length; region++)
        {
            ReadOnlySpan<byte> one = first.Slice(region * regionBytes, regionBytes), other = second.Slice(region * regionBytes, regionBytes);
            if (_isClean[region] && !one.SequenceEqual(other))
                return $"region {region} is clean, and its legs differ in sector {region * _regionSectors + one.CommonPrefixLength(other) / SectorBytes}";
        }
        // The others are copied from the first leg; so both legs then hold what that one holds now.
        for (int sector = 0; sector < _legSectors; sector++)
        {
            if (_journal.Fault(0, sector, first.Slice(sector * SectorBytes, SectorBytes)) is { } wrong)
                return $"sector {sector}, of a {(_isClean[sector / _regionSectors] ? "clean" : "dirty")} region, {wrong}";
        }
        if (_wasInSync && _isClean.AsSpan().Contains(false))
            DirtyCount++;
        else if (_wasInSync)
            CleanCount++;
        return null;
    }
}
