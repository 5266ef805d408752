namespace Ublk.Targets.Mirror;

/// <summary>
/// Compares the legs while the mirror is in use. [W] A region that is written while it is read is left for later, so what is reported was
/// different with nobody at it. One check at a time; a suspend interrupts it, the next resume goes on.
/// </summary>
sealed class LegCheck(TargetIo io, LegSet legs, RegionTable regions, IDirtyLog log, ResyncPace pace, ulong sectorCount, IoEvent suspended)
{
    const int WindowBytes = 128 << 10;

    /// <summary>So often a region that is written all the time is tried again.</summary>
    const int MostTries = 20;

    const long RetryNs = 50_000_000;
    const int MostRanges = 1000;

    enum Outcome
    {
        Compared,
        NotInSync,
        Busy,
        Unreadable,
        Interrupted,
    }

    readonly Queue<(ulong Region, int Tries)> _later = [];
    readonly List<DifferentRange> _found = [];
    readonly List<DifferentRange> _ranges = [];
    ulong _foundSectors;
    CheckReport _report;
    ulong _next;
    bool _isRunning;
    bool _repairs;

    // What is being read, [from, to), from which legs, and whether somebody wrote there meanwhile.
    ulong _from;
    ulong _read;
    ulong _to;
    bool _isWritten;

    public CheckReport Report => _report;

    /// <summary>Copies a region that is in sync from the default leg to the others.</summary>
    public required Func<ulong, IoTask<Errno>> Repair { get; init; }

    /// <summary>A request changes something.</summary>
    public void See(BlockRequest request) => _isWritten |= request.Sector < _to && request.Sector + request.SectorCount > _from;

    /// <summary>False: one is running.</summary>
    public bool Start(bool repairs)
    {
        if (_report.State == CheckState.Running || _isRunning)
            return false;
        _report = new CheckReport { State = CheckState.Running };
        _repairs = repairs;
        _next = 0;
        _later.Clear();
        _ranges.Clear();
        Continue();
        return true;
    }

    public void Stop() => End(CheckState.Stopped);

    /// <summary>At a resume: one that was interrupted goes on.</summary>
    public void Continue()
    {
        if (_report.State != CheckState.Running || _isRunning || suspended.IsSet)
            return;
        _isRunning = true;
        io.Spawn(Run());
    }

    /// <summary>The first thousand ranges.</summary>
    public DifferentRange[] Ranges() => [.. _ranges];

    async IoTask<Errno> Run()
    {
        while (_report.State == CheckState.Running && !suspended.IsSet)
        {
            if (_next < log.RegionCount)
            {
                await CheckRegion(_next, tries: 0);
            }
            else if (_later.TryDequeue(out (ulong Region, int Tries) later))
            {
                if (!await io.Wait(suspended, RetryNs))
                    await CheckRegion(later.Region, later.Tries);
                else
                    _later.Enqueue(later);
            }
            else
            {
                End(CheckState.Done);
            }
        }
        _isRunning = false;
        return Errno.None;
    }

    async IoTask<Errno> CheckRegion(ulong region, int tries)
    {
        _found.Clear();
        _foundSectors = 0;
        Outcome outcome = await Compare(region);
        (_from, _to) = (0, 0);
        if (outcome == Outcome.Interrupted)
        {
            if (tries > 0)
                _later.Enqueue((region, tries));
            return Errno.None;
        }
        if (tries == 0)
            _next++;
        if (outcome == Outcome.Busy && tries < MostTries)
        {
            _later.Enqueue((region, tries + 1));
            return Errno.None;
        }
        Count(outcome);
        if (_repairs && (_foundSectors > 0 || outcome == Outcome.Unreadable))
        {
            bool isRepaired = await Repair(region) == Errno.None;
            _report = isRepaired ? _report with { Repaired = _report.Repaired + 1 } : _report with { NotRepaired = _report.NotRepaired + 1 };
        }
        return Errno.None;
    }

    void Count(Outcome outcome)
    {
        _report = _report with
        {
            RegionsDone = _report.RegionsDone + 1,
            NotInSync = _report.NotInSync + (outcome == Outcome.NotInSync ? 1UL : 0),
            Busy = _report.Busy + (outcome == Outcome.Busy ? 1UL : 0),
            Unreadable = _report.Unreadable + (outcome == Outcome.Unreadable ? 1UL : 0),
            DifferentSectors = _report.DifferentSectors + _foundSectors,
        };
        _ranges.AddRange(_found);
    }

    async IoTask<Outcome> Compare(ulong region)
    {
        ulong first = region * log.RegionSectors;
        ulong end = Math.Min(first + log.RegionSectors, sectorCount);
        using IoBuffer buffer = await io.Rent(WindowBytes * legs.All.Length);
        for (ulong at = first; at < end; at = _to)
        {
            int bytes = (int)Math.Min(WindowBytes, (end - at) * Sectors.Bytes);
            await pace.Take(bytes);
            if (suspended.IsSet || _report.State != CheckState.Running)
                return Outcome.Interrupted;
            if (regions.IsBusy(region))
                return Outcome.Busy;
            if (!log.IsInSync(region))
                return Outcome.NotInSync;
            (_from, _to, _isWritten) = (at, at + (ulong)bytes / Sectors.Bytes, false);
            if (legs.ForReading is not { } reference || CountGood() < 2)
            {
                End(CheckState.TooFewLegs);
                return Outcome.Interrupted;
            }
            Joined read = await ReadAll(at, bytes, buffer.Data);
            if (_isWritten || regions.IsBusy(region))
                return Outcome.Busy;
            if (read.Failed != 0)
            {
                legs.FailEach(read.Failed, LegError.Read);
                return Outcome.Unreadable;
            }
            Note(at, bytes, buffer.Data, reference);
        }
        return Outcome.Compared;
    }

    IoTask<Joined> ReadAll(ulong sector, int bytes, IoBytes into)
    {
        IoJoin reads = io.Join();
        _read = 0;
        for (int i = 0; i < legs.Full.Length; i++)
        {
            Leg leg = legs.Full[i];
            _read |= leg.IsGood ? 1UL << i : 0;
            reads.Add(leg.IsGood ? io.Read(leg.Device, leg.First + sector, into.Slice(i * WindowBytes, bytes)) : Errno.None);
        }
        return reads.All;
    }

    void Note(ulong sector, int bytes, IoBytes read, Leg reference)
    {
        // Legs that became full or well while this was read were not read.
        ReadOnlySpan<byte> right = read.Slice(legs.All.IndexOf(reference) * WindowBytes, bytes).Bytes;
        for (int i = 0; i < legs.All.Length; i++)
        {
            if ((_read >> i & 1) == 0)
                continue;
            ReadOnlySpan<byte> other = read.Slice(i * WindowBytes, bytes).Bytes;
            if (other.SequenceEqual(right))
                continue;
            for (int at = 0; at < bytes; at += Sectors.Bytes)
            {
                if (!other.Slice(at, Sectors.Bytes).SequenceEqual(right.Slice(at, Sectors.Bytes)))
                    Add(sector + (ulong)at / Sectors.Bytes, i);
            }
        }
    }

    void Add(ulong sector, int leg)
    {
        _foundSectors++;
        if (_found.Count > 0 && _found[^1] is var last && last.Leg == leg && last.Sector + last.SectorCount == sector)
            _found[^1] = last with { SectorCount = last.SectorCount + 1 };
        else if (_ranges.Count + _found.Count < MostRanges)
            _found.Add(new(sector, 1, leg));
    }

    int CountGood()
    {
        int good = 0;
        foreach (Leg leg in legs.Full)
            good += leg.IsGood ? 1 : 0;
        return good;
    }

    void End(CheckState state)
    {
        if (_report.State == CheckState.Running)
            _report = _report with { State = state };
    }
}
