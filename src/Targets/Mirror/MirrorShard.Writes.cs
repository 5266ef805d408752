namespace Ublk.Targets.Mirror;

sealed partial class MirrorShard
{
    async IoTask<Errno> Write(BlockRequest request)
    {
        ulong number = request.Sector / _log.RegionSectors;
        Region region = _regions.Get(number);
        while (region.State == RegionState.Recovering && (_faults & MirrorFaults.RecoverUnderWrites) == 0)
        {
            await _resync.Ended;
            region = _regions.Get(number);
        }
        Enter(region);
        _check.See(request);
        _resync.Pace.Users++;
        Errno? result = _features.IsStable && request.Op == BlockOp.Write
            ? await WriteStable(request, region)
            : await WriteMarked(request, region);
        _resync.Pace.Users--;
        Leave(region);
        // What is held has nothing any more that others wait for: no memory, no region.
        return result ?? await Hold();
    }

    /// <summary>From a copy: whoever owns the bytes may change them while the first leg has them and the second has not.</summary>
    async IoTask<Errno?> WriteStable(BlockRequest request, Region region)
    {
        using IoBuffer copy = await _io.Rent(request.Data.Count);
        request.Data.Bytes.CopyTo(copy.Data.Fill);
        return await WriteMarked(request, region, copy.Data);
    }

    /// <summary>Null: it is to be held.</summary>
    async IoTask<Errno?> WriteMarked(BlockRequest request, Region region, IoBytes copy = default)
    {
        bool isInSync = region.State != RegionState.NoSync;
        Errno marked = (_faults & MirrorFaults.WriteBeforeMark) == 0 ? await _flusher.Durable(region.Ticket) : Errno.None;
        if (marked != Errno.None && _features.HandlesErrors)
            return Failed(isLogged: false);
        if (!isInSync)
        {
            if (_legs.HasFailure && _features.HoldsFailedWrites)
                return Failed(isLogged: true);
            Leg leg = _legs.Default;
            _legs.IsDefaultAhead = true;
            return await _io.Forward(request, leg.Device, leg.First + request.Sector);
        }
        Joined done = (_faults & MirrorFaults.AcknowledgeFirstLeg) == 0 ? await ToAll(request, copy) : await ToFirst(request);
        if (done.Failed == 0)
            return Errno.None;
        // Before the region is out of sync: until then another leg may take the place of a default one that failed.
        if (!_legs.FailEach(done.Failed, LegError.Write))
            return Errno.None;
        FallOutOfSync(region);
        return Failed(isLogged: marked == Errno.None);
    }

    /// <summary>
    /// What becomes of a write that not all legs have, or that the log could not mark: it fails if nothing is left to rely on; it waits for
    /// somebody to put things right (null); or it is done on the legs that are left.
    /// </summary>
    /// <param name="isLogged">The log knows that its region is dirty.</param>
    Errno? Failed(bool isLogged) =>
        _legs.FirstGood is null || (_features.KeepsLog && !isLogged) ? Errno.IO
        : _features.HoldsFailedWrites ? null
        : Errno.None;

    async IoTask<Errno> Hold()
    {
        _held++;
        await _suspended;
        _held--;
        return _isNoFlush ? Errno.Requeue : Errno.IO;
    }

    /// <summary>
    /// To all legs. One that could not make durable what it has differs from the others in ways nobody knows: from here on, whatever is
    /// written stays marked, and is recovered at the next resume.
    /// </summary>
    async IoTask<Errno> Flush(BlockRequest request)
    {
        Joined done = await ToAll(request);
        if (!_legs.FailEach(done.Failed, LegError.Write))
            return Errno.None;
        _legs.IsInSync = false;
        _hasFlushFailed = _legs.HasLostWrites = true;
        return Failed(isLogged: true) ?? await Hold();
    }

    void Enter(Region region)
    {
        region.Pending++;
        if (region.State == RegionState.Clean)
        {
            region.State = RegionState.Dirty;
            _log.Mark(region.Number);
            region.Ticket = _flusher.Ask();
        }
        else
        {
            // A region that needs no mark of its own waits for what the log still owes: what it wrote at the resume may not be there.
            region.Ticket = region.Ticket == 0 ? _flusher.Ask() : _flusher.Renew(region.Ticket);
        }
    }

    void Leave(Region region)
    {
        if (--region.Pending > 0)
            return;
        if (region.State == RegionState.Recovering)
        {
            _regions.Quiesced.Set();
            return;
        }
        if (_hasFlushFailed && region.State == RegionState.Dirty)
            FallOutOfSync(region);
        if (region.State == RegionState.NoSync)
            _regions.Drop(region);
        else
            Rest(region);
    }

    void FallOutOfSync(Region region)
    {
        _legs.IsInSync = false;
        _log.SetInSync(region.Number, false);
        if (region.State != RegionState.Recovering)
            region.State = RegionState.NoSync;
    }

    /// <summary>The region is in sync and nobody writes it: the log is told some time, together with others.</summary>
    void Rest(Region region)
    {
        _regions.SetIdle(region, _io.NowNs);
        CleanLater();
    }

    void CleanLater()
    {
        if (_isCleaning || _suspended.IsSet || !_regions.HasIdle)
            return;
        _isCleaning = true;
        _io.Spawn(Clean());
    }

    async IoTask<Errno> Clean()
    {
        while (_regions.HasIdle && !await _io.Wait(_suspended, CleanEveryNs))
        {
            if (_regions.ClearIdle(_io.NowNs - CleanAfterNs, isLost: _hasFlushFailed))
                await _flusher.Flush();
        }
        _isCleaning = false;
        return Errno.None;
    }

    /// <summary>
    /// For a check that found a region in sync whose legs differ. It is marked, as for a write, before any leg changes; then it falls out of
    /// sync, and is recovered. Until that is done only the default leg counts.
    /// </summary>
    async IoTask<Errno> Repair(ulong number)
    {
        Region region = _regions.Get(number);
        while (region.State == RegionState.Recovering)
        {
            await _resync.Ended;
            region = _regions.Get(number);
        }
        Enter(region);
        Errno marked = await _flusher.Durable(region.Ticket);
        bool canRepair = marked == Errno.None && _legs.Default.IsGood && !_suspended.IsSet;
        if (canRepair)
        {
            _legs.IsDefaultAhead = true;
            FallOutOfSync(region);
        }
        Leave(region);
        if (!canRepair)
            return Errno.IO;
        await _resync.Recover(number);
        while (_regions.IsRecovering(number))
            await _resync.Ended;     // a lane was there first
        return _log.IsInSync(number) ? Errno.None : Errno.IO;
    }

    /// <summary>The planted bug: all legs get it, and only the first is waited for.</summary>
    async IoTask<Joined> ToFirst(BlockRequest request)
    {
        IoTask<Errno> first = _io.Forward(request, _legs.All[0].Device, _legs.All[0].First + request.Sector);
        foreach (Leg leg in _legs.All[1..])
            _io.Spawn(_io.Forward(request, leg.Device, leg.First + request.Sector));
        Errno error = await first;
        return new(error, error == Errno.None ? 0UL : 1);
    }
}
