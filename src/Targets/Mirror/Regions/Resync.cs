namespace Ublk.Targets.Mirror;

/// <summary>
/// Copies regions that are not in sync from the default leg to the others, one at a time, ascending. [W] What it reads is what reads of the
/// region give meanwhile; writes to it wait.
/// </summary>
sealed class Resync(TargetIo io, LegSet legs, RegionTable regions, IDirtyLog log, MirrorFeatures features, ulong sectorCount, MirrorFaults faults)
{
    const int WindowSectors = (512 << 10) / Sectors.Bytes;

    bool _stops;

    /// <summary>Set when the region that is being recovered is, or could not be.</summary>
    public IoEvent Ended { get; } = new();

    public bool IsRunning { get; private set; }

    /// <summary>Sectors recovered since the load.</summary>
    public ulong Recovered { get; private set; }

    /// <summary>Called when a region is in sync and the log may be told.</summary>
    public required Action<Region> InSync { get; init; }

    public void Start()
    {
        _stops = false;
        if (IsRunning)
            return;
        IsRunning = true;
        io.Spawn(Run());
    }

    /// <summary>Ends behind the region that is being recovered.</summary>
    public void Stop() => _stops = true;

    async IoTask<Errno> Run()
    {
        CheckAllInSync();
        while (!_stops && log.TryGetResyncWork(out ulong number))
        {
            await Recover(number);
        }
        IsRunning = false;
        return Errno.None;
    }

    /// <summary>A mirror that was in sync all the time says nothing.</summary>
    void CheckAllInSync()
    {
        if (!legs.IsInSync && log.SyncCount == log.RegionCount)
            legs.SetInSync();
    }

    async IoTask<Errno> Recover(ulong number)
    {
        Region region = regions.Get(number);
        region.State = RegionState.Recovering;
        Ended.Reset();
        while (region.Pending > 0 && (faults & MirrorFaults.RecoverUnderWrites) == 0)
        {
            regions.Quiesced.Reset();
            await regions.Quiesced;
        }
        bool succeeded = await Copy(number);
        // Without handle_errors the kernel takes the region for synced whatever happened, and so do we: who wants to know says so.
        log.SetInSync(number, succeeded || !features.HandlesErrors);
        CheckAllInSync();
        if (log.IsInSync(number))
            InSync(region);
        else if (region.Pending == 0)
            regions.Drop(region);
        else
            region.State = RegionState.NoSync;
        Ended.Set();
        return Errno.None;
    }

    async IoTask<bool> Copy(ulong number)
    {
        Leg from = legs.Default;
        ulong first = number * log.RegionSectors;
        ulong end = Math.Min(first + log.RegionSectors, sectorCount);
        using IoBuffer buffer = await io.Rent((int)Math.Min(WindowSectors, end - first) * Sectors.Bytes);
        bool succeeded = true;
        for (ulong at = first; at < end && (succeeded || !features.HandlesErrors); at += WindowSectors)
        {
            IoBytes window = buffer.Data.Slice(0, (int)Math.Min(WindowSectors, end - at) * Sectors.Bytes);
            succeeded &= await CopyWindow(from, at, window);
            Recovered += (ulong)window.Count / Sectors.Bytes;
        }
        return succeeded;
    }

    async IoTask<bool> CopyWindow(Leg from, ulong sector, IoBytes window)
    {
        if (await io.Read(from.Device, from.First + sector, window) != Errno.None)
        {
            legs.Fail(from, LegError.Sync);
            return false;
        }
        IoJoin writes = io.Join();
        foreach (Leg leg in legs.All)
            writes.Add(leg == from ? Errno.None : io.Write(leg.Device, leg.First + sector, window));
        Joined done = await writes.All;
        legs.FailEach(done.Failed, LegError.Sync);
        return done.Failed == 0;
    }
}
