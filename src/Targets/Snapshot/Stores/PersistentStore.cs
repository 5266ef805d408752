namespace Ublk.Targets.Snapshot;

/// <summary>Store <c>P</c>: exceptions survive a crash. The kernel's format and its order of writes.</summary>
sealed partial class PersistentStore : ExceptionStore
{
    readonly uint _areaEntries;

    // The area that is being filled: its number, its bytes as they are on the store, and how many entries it has.
    readonly IoMemory _area;
    ulong _areaNumber;
    int _entryCount;

    ulong _nextFree = PersistentFormat.EmptyChunks;

    PersistentStore(BackingDevice origin, BackingDevice cow, uint chunkSectors, bool isValid)
        : base(origin, cow, chunkSectors, isValid)
    {
        _areaEntries = PersistentFormat.AreaEntries(chunkSectors);
        _area = new((int)(chunkSectors * Sectors.Bytes));
    }

    public override bool IsPersistent => true;

    protected override ulong UsedSectors => _nextFree * ChunkSectors;

    /// <summary>The header and every area up to the one that is being filled.</summary>
    protected override ulong MetadataSectors => (_areaNumber + 2) * ChunkSectors;

    protected override int BatchRoom => (int)_areaEntries - _entryCount;

    protected override bool TryAllocate(out ulong cowChunk)
    {
        cowChunk = _nextFree;
        // The area that this chunk may fill needs one behind it. A commit that found no room could not wait; who allocates can.
        if (!Fits(cowChunk) || (Holds && PersistentFormat.IsArea(cowChunk + 1, ChunkSectors) && !Fits(cowChunk + 1)))
            return false;
        _nextFree++;
        SkipArea();
        return true;
    }

    /// <summary>
    /// The ordering rule. An exception may be on the store only if its data is, and only if the entries behind it are zero. So:
    /// <list type="number">
    /// <item>The data of every exception in the batch was written, and these writes completed, before this is called.</item>
    /// <item>If the batch fills the area, the next area is zeroed: a full area has no end mark, a reader goes on to the next.</item>
    /// <item>The flush makes all of that durable, and the header and first area of a new store with it.</item>
    /// <item>The area is written with FUA. Old entries are written again as they were, new ones behind them, so whichever sectors
    /// of the write reach the disk, each entry there is either whole and backed by durable data, or zero.</item>
    /// <item>Only then may anyone rely on the exceptions: a snapshot write change its copy, an origin write change the origin.</item>
    /// </list>
    /// When a write finds no room, nothing here says that the batch was committed, and its chunks are never given out again: whichever
    /// of its entries are on the store, the next commit to the area overwrites them, and until then they name durable data.
    /// The bytes of the area must not change while they are being written: an entry that slips in would be durable before its data.
    /// The base class keeps that, it commits one batch at a time.
    /// </summary>
    protected override async IoTask<Errno> Persist(TargetIo io, PendingQueue batch)
    {
        int count = _entryCount;
        for (PendingException? pending = batch.First; pending is not null; pending = pending.Next)
            PersistentFormat.WriteEntry(_area.Bytes, count++, pending.Chunk, pending.CowChunk);

        bool isFull = count == _areaEntries;
        Errno error = isFull && !Has(StoreFaults.KeepNextArea) ? await ZeroArea(io, _areaNumber + 1) : Errno.None;
        if (error == Errno.None && !Has(StoreFaults.CommitWithoutFlush | StoreFaults.CommitBeforeData))
            error = await io.Flush(Cow);
        if (error == Errno.None)
            error = await WriteArea(io);
        if (error == Errno.None && Has(StoreFaults.CommitBeforeData))
            error = await io.Flush(Cow);
        if (error != Errno.None)
        {
            _area.Bytes[(_entryCount * PersistentFormat.EntryBytes)..(count * PersistentFormat.EntryBytes)].Clear();
            return error;
        }
        _entryCount = count;
        if (isFull)
            LeaveFullArea();
        return Errno.None;
    }

    void LeaveFullArea()
    {
        _areaNumber++;
        _entryCount = 0;
        _area.Bytes.Clear();
    }

    /// <summary>
    /// The header only, its rest stays zero. With FUA, unlike the kernel's: after a power failure a store that looks valid again would
    /// give what the origin holds now for what it held then.
    /// </summary>
    protected override async IoTask<Errno> PersistInvalid(TargetIo io)
    {
        int bytes = (int)Math.Max(Cow.Limits.LogicalBlockBytes, Sectors.Bytes);
        using IoBuffer header = await io.Rent(bytes);
        header.Data.Fill.Clear();
        PersistentFormat.WriteHeader(header.Data.Fill, isValid: false, ChunkSectors);
        return await io.Write(Cow, 0, header.Data, Has(StoreFaults.ForgetInvalid) ? BlockFlags.None : BlockFlags.Fua);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _area.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The next free chunk is never an area.</summary>
    void SkipArea()
    {
        if (PersistentFormat.IsArea(_nextFree, ChunkSectors))
            _nextFree++;
    }

    ulong AreaSector(ulong area) => PersistentFormat.AreaChunk(area, ChunkSectors) * ChunkSectors;

    /// <summary>
    /// Zeroes an area. One that does not fit ends the snapshot although every data chunk did fit: the kernel does the same, and a
    /// full area without a next one could not be read back.
    /// </summary>
    IoTask<Errno> ZeroArea(TargetIo io, ulong area) => Fits(PersistentFormat.AreaChunk(area, ChunkSectors))
        ? WriteZeroes(io, AreaSector(area), ChunkSectors)
        : Errno.IO;
}
