namespace Ublk.Targets.Snapshot;

/// <summary>The levels of a store at which an event is raised, once each time it fills up to one. [W]</summary>
sealed class LowSpace
{
    const int MostLevels = 16;

    IReadOnlyList<int> _percents = [];
    int _reached;

    /// <summary>From here on what is used is to be looked at.</summary>
    public ulong NextSectors { get; private set; } = ulong.MaxValue;

    /// <summary>In percent of the store, rising.</summary>
    public IReadOnlyList<int> Percents
    {
        get => _percents;
        set
        {
            _percents = value;
            _reached = 0;
            NextSectors = ulong.MaxValue;
        }
    }

    /// <summary>What is wrong with levels; null: nothing.</summary>
    public static string? Fault(IReadOnlyList<int> percents) =>
        percents.Count > MostLevels ? $"{percents.Count} levels are too many; at most {MostLevels}"
        : percents.Any(percent => percent is < 1 or > 99) ? "a level is a percentage, 1 to 99"
        : percents.Zip(percents.Skip(1)).Any(pair => pair.First >= pair.Second) ? "levels rise, such as 80 95"
        : null;

    /// <summary>True when a level was reached since the last look. A store that was extended below a level has it before it again.</summary>
    public bool Look(ulong usedSectors, ulong totalSectors)
    {
        int before = _reached;
        while (_reached > 0 && usedSectors < At(_reached - 1, totalSectors))
            _reached--;
        before = Math.Min(before, _reached);
        while (_reached < _percents.Count && usedSectors >= At(_reached, totalSectors))
            _reached++;
        NextSectors = _reached < _percents.Count ? At(_reached, totalSectors) : ulong.MaxValue;
        return _reached > before;
    }

    ulong At(int level, ulong totalSectors) => (ulong)((UInt128)totalSectors * (uint)_percents[level] / 100);
}
