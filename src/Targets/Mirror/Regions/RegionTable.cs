using System.Runtime.InteropServices;

namespace Ublk.Targets.Mirror;

/// <summary>
/// The regions that are not clean and idle; all others are as the log says. [W] Allocates only while more regions are in use at a time
/// than ever before.
/// </summary>
sealed class RegionTable(IDirtyLog log)
{
    readonly Dictionary<ulong, Region> _regions = [];
    readonly Stack<Region> _free = [];
    readonly Queue<Region> _idle = [];

    /// <summary>Set whenever the last write to a region that waits for its recovery has ended.</summary>
    public IoEvent Quiesced { get; } = new();

    /// <summary>There are regions that nobody writes and the log still has as dirty.</summary>
    public bool HasIdle => _idle.Count > 0;

    /// <summary>Writes to the region are under way.</summary>
    public bool IsWritten(ulong number) => _regions.TryGetValue(number, out Region? region) && region.Pending > 0;

    /// <summary>It is recovered just now.</summary>
    public bool IsRecovering(ulong number) => _regions.TryGetValue(number, out Region? region) && region.State == RegionState.Recovering;

    /// <summary>It is written or recovered just now.</summary>
    public bool IsBusy(ulong number) => _regions.TryGetValue(number, out Region? region) && (region.Pending > 0 || region.State == RegionState.Recovering);

    /// <summary>The region; new ones are as the log says.</summary>
    public Region Get(ulong number)
    {
        ref Region? region = ref CollectionsMarshal.GetValueRefOrAddDefault(_regions, number, out bool exists);
        if (exists)
            return region!;
        region = _free.TryPop(out Region? free) ? free : new Region();
        region.Number = number;
        region.State = log.IsInSync(number) ? RegionState.Clean : RegionState.NoSync;
        return region;
    }

    /// <summary>A region nobody writes or recovers any more is as the log says.</summary>
    public void Drop(Region region)
    {
        _regions.Remove(region.Number);
        region.Ticket = 0;
        if (!region.IsIdle)
            _free.Push(region);
    }

    /// <summary>The log will be told that it is clean, unless somebody writes it before.</summary>
    public void SetIdle(Region region, long nowNs)
    {
        region.State = RegionState.Dirty;
        region.IdleSinceNs = nowNs;
        if (region.IsIdle)
            return;
        region.IsIdle = true;
        _idle.Enqueue(region);
    }

    /// <summary>
    /// Tells the log that regions idle since then or longer are clean; or, when a flush has failed, that they are not in sync.
    /// </summary>
    /// <returns>There were some.</returns>
    public bool ClearIdle(long untilNs, bool isLost)
    {
        bool some = false;
        for (int left = _idle.Count; left > 0; left--)
        {
            Region region = _idle.Dequeue();
            region.IsIdle = false;
            if (!_regions.TryGetValue(region.Number, out Region? current) || current != region)
            {
                _free.Push(region);     // dropped meanwhile
                continue;
            }
            if (region is not { Pending: 0, State: RegionState.Dirty })
                continue;               // in use again; it comes back
            if (region.IdleSinceNs > untilNs)
            {
                region.IsIdle = true;
                _idle.Enqueue(region);
                continue;
            }
            some = true;
            if (isLost)
                log.SetInSync(region.Number, false);
            else
                log.Clear(region.Number);
            Drop(region);
        }
        return some;
    }
}
