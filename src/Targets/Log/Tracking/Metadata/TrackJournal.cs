namespace Ublk.Targets.Log;

/// <summary>
/// [W] Makes durable what a crash must not lose, one round after the other. A round writes marks and what the control plane decided into the journal,
/// and then a commit that makes them count and names the active extents. The ordering rule, so that after a crash every block that may have changed
/// since a checkpoint is marked in the journal or in an active extent:
/// <list type="number">
/// <item>An extent is named by a durable commit before the first write to it is issued.</item>
/// <item>A commit no longer names it only when nothing is under way in it, and its marks are in blocks of the journal that are durable and that this commit
/// counts.</item>
/// <item>A checkpoint's number is told when a commit is durable that counts all marks of its epoch and its end.</item>
/// <item>A commit never overwrites the one before it, and no journal block that counts is ever overwritten.</item>
/// </list>
/// What waits for a round shares it. When the metadata device fails, writes go on unprotected, and everything is written anew until that succeeds.
/// </summary>
sealed class TrackJournal : IDisposable
{
    /// <summary>Not the device's word: the journal has no room for what is to be written.</summary>
    const Errno TooLong = Errno.Invalid;

    /// <summary>Blocks that are written together, at most.</summary>
    const int WindowBlocks = 32;

    /// <summary>What is told when a crash would leave a map on the disk that is not right.</summary>
    public const string FailedEvent = "track: the metadata device failed; a crash now may lose changes";

    readonly TargetIo _io;
    readonly TrackMetadata _metadata;
    readonly ActiveExtents _extents;
    readonly ITargetServices _services;
    readonly TrackFaults _faults;
    readonly JournalWriter _writer = new(WindowBlocks);
    readonly IoMemory _commit = new(2 * CommitBlock.Bytes);
    readonly IoEvent _go = new();
    readonly IoEvent _roundEnded = new();
    readonly IoEvent _hasRoom = new();
    TrackMap _map = null!;
    JournalPosition _next;
    TrackDecision? _decision;
    TrackDecision? _deciding;
    int _short;
    bool _isRunning;
    bool _isWanted;
    bool _leavesIdle;

    /// <summary>The last round failed: nobody waits for the next.</summary>
    bool _isFailing;

    /// <summary>Writes under way whose extent no commit names, because nothing could be made durable when they began.</summary>
    int _unprotected;

    /// <summary>There were some in this round: what they mark may have come behind what it stored.</summary>
    bool _isUnprotected;

    /// <summary>What a round may still be reading.</summary>
    BlockStates? _retired;

    public TrackJournal(TargetIo io, TrackMetadata metadata, ActiveExtents extents, ITargetServices services, TrackFaults faults)
    {
        _io = io;
        _metadata = metadata;
        _extents = extents;
        _services = services;
        _faults = faults;
    }

    /// <summary>Why nothing can be made durable at the moment; null: it can. Any thread.</summary>
    public string? Problem { get; private set; }

    /// <summary>Commits that were written: what first writes to extents cost. Any thread, as a hint.</summary>
    public long Commits { get; private set; }

    /// <summary>Something can be done by and by: extents to let go, a problem to get over.</summary>
    public bool HasWork => _extents.Count > 0 || _map.IsAheadOfDisk;

    /// <summary>The map from now on; nothing is under way.</summary>
    public void Use(TrackMap map)
    {
        if (map == _map && map.IsAheadOfDisk == Problem is not null)
            return;
        _map = map;
        Problem = map.IsAheadOfDisk ? $"{_metadata.Device} does not have the map yet" : null;
        _isFailing = false;
    }

    /// <summary>
    /// Done when the extent may be written. The caller has begun a write in it. With an error it may be, too, but a crash would not know of it; the caller says
    /// when that write ends.
    /// </summary>
    public async IoTask<Errno> Activate(int extent)
    {
        while (!_extents.IsActive(extent))
        {
            bool waits = _extents.TryWait(extent);
            if (_isFailing)
            {
                _unprotected++;
                _isUnprotected = true;
                return Errno.IO;
            }
            if (waits)
            {
                Ask();
                await _roundEnded;
                continue;
            }
            _short++;
            if (_extents.HasIdle)
                Ask();
            await _hasRoom;
            _short--;
        }
        return Errno.None;
    }

    /// <summary>A write has ended: somebody may wait for its place. After the last unprotected one the map can be stored whole.</summary>
    public void Ended(bool wasProtected)
    {
        if (!wasProtected)
            _unprotected--;
        if (_short > 0 || (!wasProtected && _unprotected == 0 && !_isFailing))
            Ask();
    }

    /// <summary>Disposes what is not needed any more, when no round reads it.</summary>
    public void Retire(BlockStates? states)
    {
        _retired?.Dispose();
        _retired = states;
        if (!_isRunning)
            Retire();
    }

    void Retire()
    {
        _retired?.Dispose();
        _retired = null;
    }

    /// <summary>A tick: what was idle for a while leaves, and a device that failed is tried again.</summary>
    public void Tend()
    {
        _extents.Tick++;
        _leavesIdle = true;
        Ask();
    }

    /// <summary>Done when what the control plane decided holds, durably. One at a time.</summary>
    public async IoTask<Errno> Decide(TrackDecision decision)
    {
        _decision = decision;
        Ask();
        if ((_faults & TrackFaults.TellBeforeDurable) != 0)
        {
            while (_decision is not null)
                await _io.Wait(_hasRoom, 1);
            return Errno.None;
        }
        while (_decision is not null || _deciding is not null)
            await _roundEnded;
        return Problem is null ? Errno.None : Errno.IO;
    }

    /// <summary>Nothing is under way: everything is stored, nothing is active, and what the device holds is noted.</summary>
    public async IoTask<Errno> Stop(uint[]? samples)
    {
        _extents.LeaveIdle(all: true);
        if (samples is not null)
            (_map.Samples, _map.UnwrittenSamples) = (samples, ulong.MaxValue);
        return await WriteRound(isLast: true, isClean: samples is not null);
    }

    public void Dispose()
    {
        Retire();
        _writer.Dispose();
        _commit.Dispose();
    }

    /// <summary>It begins behind what is ready now, so that the requests of this turn share it.</summary>
    void Ask()
    {
        _isWanted = true;
        if (_isRunning)
            return;
        _isRunning = true;
        _go.Reset();
        _io.Spawn(Run());
        _go.Set();
    }

    async IoTask<Errno> Run()
    {
        await _go;
        while (_isWanted)
        {
            _isWanted = false;
            (_deciding, _decision) = (_decision, null);
            _deciding?.ApplyTo(_map);
            if (_leavesIdle)
                _extents.LeaveIdle(all: false);
            _leavesIdle = false;
            if (_short > 0)
                _extents.LeaveForOthers();
            bool frees = _extents.LeavingCount > 0;
            if (frees || _extents.WaitingCount > 0 || _deciding is not null || _map.IsAheadOfDisk)
                await WriteRound(isLast: false, isClean: false);
            Retire();
            _deciding = null;
            Pulse(_roundEnded);
            if (frees || Problem is not null)
                Pulse(_hasRoom);
        }
        _isRunning = false;
        return Errno.None;
    }

    static void Pulse(IoEvent signal)
    {
        signal.Set();
        signal.Reset();
    }

    async IoTask<Errno> WriteRound(bool isLast, bool isClean)
    {
        _isUnprotected = _unprotected > 0;
        uint blocks = JournalWriter.BlocksFor(_metadata.RecordBytes(UnsavedPages(isLast), 0, 1, 2));
        Errno error = _map.IsAheadOfDisk || _map.Position.Tail + blocks > _metadata.JournalBlocks ? await Rewrite() : await Append(isLast);
        // The open epoch grew while the history was written.
        while (error == TooLong && TryDropFirst())
            error = await Rewrite();
        if (error == Errno.None)
            error = await Commit(isClean ? MapUse.Clean : MapUse.InUse);
        Settle(error);
        if (error != Errno.None)
            await Disown();
        return error;
    }

    int UnsavedPages(bool all)
    {
        int count = _deciding is { Closes: true } ? _map.Closed!.CountUnsaved() : 0;
        if (all)
            return count + _map.Open.CountUnsaved();
        foreach (int extent in _extents.Leaving)
            count += _metadata.Geometry.LastPageOf(extent) - _metadata.Geometry.FirstPageOf(extent) + 1;
        return count;
    }

    async IoTask<Errno> Append(bool isLast)
    {
        _next = _map.Position with { Commit = _map.Position.Commit + 1 };
        _writer.Begin(_next.Generation, _next.Tail);
        Errno error;
        if (_deciding is { } decision)
        {
            if (decision.Closes)
            {
                if ((error = await PutUnsaved(_map.Closed!)) != Errno.None || (error = await Room()) != Errno.None)
                    return error;
                JournalText.PutClose(_writer, _map.OpenEpoch - 1);
            }
            if ((error = await Room()) != Errno.None)
                return error;
            if (decision.Changed is { } reader)
                JournalText.PutReader(_writer, reader);
            if ((error = await Room()) != Errno.None)
                return error;
            if (decision.Gone is { } gone)
                JournalText.PutReaderGone(_writer, gone);
        }
        if (isLast)
        {
            if ((error = await PutUnsaved(_map.Open)) != Errno.None || (error = await Room()) != Errno.None)
                return error;
            JournalText.PutSamples(_writer, _map);
        }
        else if ((_faults & TrackFaults.LeaveBeforeMarks) == 0 && (error = await PutLeaving()) != Errno.None)
        {
            return error;
        }
        return await Write();
    }

    /// <summary>What leaves does not change; what is marked elsewhere on its pages meanwhile is stored when that leaves.</summary>
    async IoTask<Errno> PutLeaving()
    {
        for (int i = 0; i < _extents.LeavingCount; i++)
        {
            int extent = _extents.Leaving[i];
            for (int page = _metadata.Geometry.FirstPageOf(extent); page <= _metadata.Geometry.LastPageOf(extent); page++)
            {
                if (_map.Open.IsUnsaved(page) && await Put(_map.Open, page) is not Errno.None and var error)
                    return error;
            }
        }
        return Errno.None;
    }

    async IoTask<Errno> PutUnsaved(BlockStates states)
    {
        for (int page = states.NextUnsaved(0); page >= 0; page = page + 1 < states.Geometry.PageCount ? states.NextUnsaved(page + 1) : -1)
        {
            if (await Put(states, page) is not Errno.None and var error)
                return error;
        }
        return Errno.None;
    }

    async IoTask<Errno> Put(BlockStates states, int page)
    {
        if (await Room() is not Errno.None and var error)
            return error;
        states.Saved(page);
        JournalText.PutPage(_writer, page, states.Words(page));
        return Errno.None;
    }

    /// <summary>A journal of its own with all that is known, in the half that does not count. History that does not fit any more is given up.</summary>
    async IoTask<Errno> Rewrite()
    {
        DropWhatDoesNotFit();
        // The control plane may make history of the closed epoch meanwhile; here it stays as it is now.
        (EpochHistory history, BlockStates? closedStates) = (_map.History, _map.Closed);
        JournalPosition now = _map.Position;
        _next = new(now.Commit + 1, now.Generation + 1, 1 - now.Half, 0);
        _writer.Begin(_next.Generation, 0);
        JournalText.PutBegin(_writer, history);
        Errno error;
        foreach (TrackReader reader in _map.Readers)
        {
            if ((error = await Room()) != Errno.None)
                return error;
            JournalText.PutReader(_writer, reader);
        }
        foreach (KeptEpochs epochs in history.Epochs)
        {
            if ((error = await PutAll(epochs.Set.Pages(), null)) != Errno.None || (error = await Room()) != Errno.None)
                return error;
            JournalText.PutClose(_writer, epochs.Until);
        }
        if (closedStates is { } closed)
        {
            if ((error = await PutAll(closed.Pages(), null)) != Errno.None || (error = await Room()) != Errno.None)
                return error;
            JournalText.PutClose(_writer, _map.OpenEpoch - 1);
        }
        if ((error = await PutAll(_map.Open.Pages(), _map.Open)) != Errno.None || (error = await Room()) != Errno.None)
            return error;
        JournalText.PutSamples(_writer, _map);
        return await Write();
    }

    async IoTask<Errno> PutAll(PageCursor pages, BlockStates? saves)
    {
        while (pages.Next())
        {
            if (await Room() is not Errno.None and var error)
                return error;
            saves?.Saved(pages.Page);
            JournalText.PutPage(_writer, pages.Page, pages.Words);
        }
        return Errno.None;
    }

    void DropWhatDoesNotFit()
    {
        long pages = _map.Open.CountUsed() + (_map.Closed?.CountUsed() ?? 0);
        while (!_map.History.Epochs.IsEmpty)
        {
            long raw = 0, uniform = 0;
            foreach (KeptEpochs epochs in _map.History.Epochs)
                (raw, uniform) = (raw + epochs.Set.RawCount, uniform + epochs.Set.UniformCount);
            long bytes = _metadata.RecordBytes(pages + raw, uniform, _map.History.Epochs.Length + 1, _map.Readers.Length);
            if (JournalWriter.BlocksFor(bytes) <= _metadata.JournalBlocks)
                return;
            TryDropFirst();
        }
    }

    bool TryDropFirst()
    {
        if (_map.History.Epochs.IsEmpty)
            return false;
        _map.History = _map.History.DropFirst("the metadata had no room for what was before; give it a larger file or device");
        _services.RaiseEvent("track: the metadata had no room for old checkpoints; readers that stood on them must begin anew");
        return true;
    }

    /// <summary>Room for one more record, of whatever length.</summary>
    IoTask<Errno> Room() => _writer.IsFull(JournalWriter.LongestRecord) ? Write() : Errno.None;

    async IoTask<Errno> Write()
    {
        _writer.Seal();
        if (_writer.Count == 0)
            return Errno.None;
        if (_writer.Tail > _metadata.JournalBlocks)
            return TooLong;
        BlockFlags flags = (_faults & TrackFaults.CommitBeforeJournal) == 0 ? BlockFlags.Fua : BlockFlags.None;
        Errno error = await _io.Write(_metadata.Device, _metadata.JournalSector(_next.Half, _writer.First), _writer.Data, flags);
        _next = _next with { Tail = _writer.Tail };
        _writer.Next();
        return error;
    }

    async IoTask<Errno> Commit(MapUse use)
    {
        Span<byte> block = _commit.Bytes[..CommitBlock.Bytes];
        int count = _extents.Commit(CommitBlock.Slots(block));
        _metadata.CommitOf(_next, _map.OpenEpoch, count, use == MapUse.Clean && count > 0 ? MapUse.InUse : use).Write(block);
        block.CopyTo(_commit.Bytes[CommitBlock.Bytes..]);
        ulong place = (_faults & TrackFaults.CommitInPlace) == 0 ? _next.Commit : 0;
        Commits++;
        return await _io.Write(_metadata.Device, TrackMetadata.CommitSector(place), _commit.Data, BlockFlags.Fua);
    }

    /// <summary>
    /// Something could not be stored, and writes go on: the commit that counts is not to be believed any more. Its place is there already, so this works where the
    /// journal could not grow.
    /// </summary>
    async IoTask<Errno> Disown()
    {
        Span<byte> block = _commit.Bytes[..CommitBlock.Bytes];
        JournalPosition disowned = _metadata.Disown(_map, block);
        block.CopyTo(_commit.Bytes[CommitBlock.Bytes..]);
        Errno error = await _io.Write(_metadata.Device, TrackMetadata.CommitSector(disowned.Commit), _commit.Data, BlockFlags.Fua);
        if (error == Errno.None)
            _map.Position = disowned;
        return error;
    }

    void Settle(Errno error)
    {
        _isFailing = error != Errno.None;
        _extents.Settle(error == Errno.None);
        // After an error the next journal has another number: a mix of both is damage, and not believed.
        _map.Position = error == Errno.None ? _next : _map.Position with { Generation = _map.Position.Generation + 1 };
        bool isWhole = error == Errno.None && !_isUnprotected;
        if (isWhole != (Problem is null))
            _services.RaiseEvent(isWhole ? "track: the metadata device works again, and has everything" : FailedEvent);
        // What was on its way may be there or not: nothing is believed to be, and the commit that counts stays until a whole new journal is behind another.
        _map.IsAheadOfDisk = !isWhole;
        Problem = isWhole ? null : error == Errno.None ? Problem : $"{_metadata.Device} cannot be written ({error})";
    }
}
