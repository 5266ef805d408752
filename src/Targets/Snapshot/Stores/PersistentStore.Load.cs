namespace Ublk.Targets.Snapshot;

sealed partial class PersistentStore
{
    /// <summary>The longest single write of metadata at load.</summary>
    const int LoadWindowBytes = 1 << 20;

    /// <summary>An entry named a chunk of the store that is not behind those of all entries before it.</summary>
    bool _isOutOfOrder;

    /// <summary>
    /// [C] Opens the store on a COW device, or makes one where the header would be zero. <paramref name="chunkSectors"/> is for a new
    /// one; an old one knows its own. An invalid store loads: the snapshot then fails every request and says so. Nothing is written
    /// before everything was read and found good.
    /// </summary>
    /// <param name="origin">What it is a snapshot of; not owned.</param>
    /// <param name="cow">Where the store is; not owned.</param>
    /// <param name="chunkSectors">Chunk size of a new store.</param>
    /// <param name="force">Skip the check that protects from a slip: another origin.</param>
    /// <param name="faults">Bugs to plant.</param>
    /// <exception cref="TableException">The device cannot be read, or what is on it is no store, or a damaged one.</exception>
    public static async ValueTask<PersistentStore> LoadAsync(
        BackingDevice origin, BackingDevice cow, uint chunkSectors, bool force, StoreFaults faults)
    {
        byte[] block = new byte[Math.Max(cow.Limits.LogicalBlockBytes, Sectors.Bytes)];
        if (cow.SectorCount < (uint)block.Length / Sectors.Bytes)
            throw Refused($"{cow} has {cow.SectorCount} sectors and is too small for a COW store");
        await ReadAsync(cow, 0, block);
        PersistentFormat.Header header = PersistentFormat.ReadHeader(block);
        bool isNew = header.Magic == 0;
        if (isNew)
            header = new(PersistentFormat.Magic, true, PersistentFormat.Version, chunkSectors);
        else
            CheckHeader(cow, header, block);
        CheckFits(origin, cow, header.ChunkSectors, isNew);

        var store = new PersistentStore(origin, cow, header.ChunkSectors, header.IsValid) { _faults = faults };
        try
        {
            if (isNew)
                await store.FormatAsync(block);
            else if (header.IsValid)
                await store.ReadAreasAsync(force);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    static void CheckHeader(BackingDevice cow, PersistentFormat.Header header, byte[] block)
    {
        if (header.Magic != PersistentFormat.Magic)
        {
            throw Refused($"{cow} holds something that is no COW store: it begins with {Convert.ToHexString(block, 0, 4)}, a store with "
                + "536E4170 (SnAp). If nobody needs it, wipe its first sectors: "
                + $"dd if=/dev/zero of={cow} bs=4096 count=1 conv=notrunc");
        }
        if (header.Version != PersistentFormat.Version)
            throw Refused($"the store on {cow} has format version {header.Version}; this program knows version {PersistentFormat.Version}");
    }

    static void CheckFits(BackingDevice origin, BackingDevice cow, uint chunkSectors, bool isNew)
    {
        if (ChunkSize.Fault(chunkSectors, origin, cow) is { } fault)
            throw Refused(isNew ? fault : $"the store on {cow} was made with chunks of {chunkSectors} sectors: {fault}");
        if (cow.SectorCount / chunkSectors < PersistentFormat.EmptyChunks)
        {
            throw Refused($"{cow} has {cow.SectorCount} sectors and is too small for a COW store with chunks of {chunkSectors}: "
                + $"header and first area need {PersistentFormat.EmptyChunks * chunkSectors}, each chunk of data {chunkSectors} more");
        }
        if (origin.SectorCount / chunkSectors >= ChunkRun.OldLimit)
            throw Refused($"{origin} has more than 2^48 chunks of {chunkSectors} sectors; choose a larger chunk size");
    }

    /// <summary>
    /// A new store, durable before the load succeeds. The area goes first: a header before it would make whatever the device held there
    /// into exceptions, should the power fail in between. (The kernel writes the header first and leaves both to the first commit's flush.)
    /// </summary>
    async ValueTask FormatAsync(byte[] block)
    {
        byte[] zeroes = new byte[Math.Min(_area.Bytes.Length, LoadWindowBytes)];
        for (ulong done = 0; done < ChunkSectors; done += (uint)zeroes.Length / Sectors.Bytes)
            await WriteAsync(Cow, AreaSector(0) + done, zeroes);
        for (ulong done = (uint)block.Length / Sectors.Bytes; done < ChunkSectors;)
        {
            int length = (int)Math.Min((ulong)zeroes.Length, (ChunkSectors - done) * Sectors.Bytes);
            await WriteAsync(Cow, done, zeroes.AsMemory(0, length));
            done += (uint)length / Sectors.Bytes;
        }
        block.AsSpan().Clear();
        PersistentFormat.WriteHeader(block, isValid: true, ChunkSectors);
        await WriteAsync(Cow, 0, block);
    }

    /// <summary>Takes the exceptions from the areas, up to the end mark.</summary>
    async ValueTask ReadAreasAsync(bool force)
    {
        var within = new Bounds(
            Math.Min(Cow.SectorCount / ChunkSectors, ChunkRun.NewLimit),
            force ? ChunkRun.OldLimit : (Origin.SectorCount + ChunkSectors - 1) / ChunkSectors);
        var batch = new ExceptionBatch((int)Math.Min(ExceptionBatch.MostCapacity, within.StoreChunks));
        bool isTorn = false;
        await using (var areas = new AreaReader(Cow, ChunkSectors, within.StoreChunks))
        {
            for (bool ends = false; !ends; _areaNumber++)
            {
                _entryCount = 0;
                for (int at = 0; at < _area.Bytes.Length; at += areas.WindowBytes)
                {
                    byte[] window = await areas.NextAsync() ?? throw Refused($"the store on {Cow} goes on behind its end "
                        + $"(sector {AreaSector(_areaNumber)}): the device was larger once; extend it again");
                    int bytes = ends ? 0 : TakeEntries(window, within, batch, out ends);
                    window.AsSpan(0, bytes).CopyTo(_area.Bytes[at..]);
                    _area.Bytes.Slice(at + bytes, window.Length - bytes).Clear();
                    isTorn |= HasTornEntries(window, at, bytes, within);
                }
            }
            _areaNumber--;      // the one with the end mark is filled next
        }
        Restore(batch);
        SkipArea();
        if (_isOutOfOrder)
            CheckDistinct();
        if (isTorn && !Has(StoreFaults.KeepTornEntries))
            await MendAsync();
    }

    /// <summary>Takes entries up to the end mark; the number of bytes they have.</summary>
    int TakeEntries(ReadOnlySpan<byte> window, Bounds within, ExceptionBatch batch, out bool ends)
    {
        int count = PersistentFormat.EntriesIn(window.Length);
        for (int i = 0; i < count; i++)
        {
            (ulong oldChunk, ulong newChunk) = PersistentFormat.ReadEntry(window, i);
            ends = (oldChunk | newChunk) == 0;
            if (ends)
                return i * PersistentFormat.EntryBytes;
            CheckEntry(_entryCount, oldChunk, newChunk, within);
            if (batch.IsFull)
                Restore(batch);
            batch.Add(oldChunk, newChunk);
            _isOutOfOrder |= newChunk < _nextFree;
            _nextFree = Math.Max(_nextFree, newChunk + 1);
            _entryCount++;
        }
        ends = false;
        return window.Length;
    }

    void Restore(ExceptionBatch batch)
    {
        foreach ((ulong oldChunk, ulong newChunk) in batch.Take())
        {
            if (!Restore(oldChunk, newChunk))
                throw RepeatedChunk(oldChunk, newChunk);
        }
    }

    /// <summary>
    /// Whether anything stands behind the end mark. It will be overwritten, so it must be what a torn write leaves: each entry as good as one
    /// that counts. Anything else, such as data that a wrong chunk size in the header makes an area of, is not ours to clear.
    /// </summary>
    bool HasTornEntries(ReadOnlySpan<byte> window, int at, int from, Bounds within)
    {
        if (!window[from..].ContainsAnyExcept((byte)0))
            return false;
        for (int i = PersistentFormat.EntriesIn(from); i < PersistentFormat.EntriesIn(window.Length); i++)
        {
            (ulong oldChunk, ulong newChunk) = PersistentFormat.ReadEntry(window, i);
            if ((oldChunk | newChunk) != 0)
                CheckEntry(PersistentFormat.EntriesIn(at) + i, oldChunk, newChunk, within);
        }
        return true;
    }

    /// <summary>Chunk 0 is the header, which no entry names; both zero are the end mark.</summary>
    void CheckEntry(int index, ulong oldChunk, ulong newChunk, Bounds within)
    {
        if (newChunk == 0 || newChunk >= within.StoreChunks || oldChunk >= within.OriginChunks || PersistentFormat.IsArea(newChunk, ChunkSectors))
            throw BadEntry(index, oldChunk, newChunk, within);
    }

    TableException BadEntry(int index, ulong oldChunk, ulong newChunk, Bounds within)
    {
        string entry = $"{EntryName(index)} says that chunk {oldChunk} of the origin is at chunk {newChunk}";
        return newChunk >= within.StoreChunks
            ? Refused($"{entry}, and there are {within.StoreChunks}: the store is damaged, or {Cow} was larger once; then extend it again")
            : oldChunk >= within.OriginChunks
            ? Refused($"{entry}, and {Origin} has {within.OriginChunks} chunks of {ChunkSectors} sectors: it is not the origin of this store, or "
                + "was larger once; then extend it again (--force loads it as it is)")
            : Refused($"{entry}, which is metadata: the store is damaged");
    }

    /// <summary>
    /// Neither writer names a chunk of the origin twice. But the kernel leaves what a torn write put behind the end mark, and after
    /// as many further exceptions it counts again, naming chunks of the store that were given out anew. Which of two entries is true
    /// could be told, the earlier; but not which of those behind it are.
    /// </summary>
    TableException RepeatedChunk(ulong oldChunk, ulong newChunk)
    {
        TryFind(oldChunk, out ulong first);
        return Refused($"the store on {Cow} says of chunk {oldChunk} of the origin that it is at its chunk {first}, and later, at {newChunk}: it is "
            + "damaged, or the kernel took entries of a torn write for its own; those behind the second cannot be relied on");
    }

    string EntryName(int index) => $"the store on {Cow}: entry {index} of metadata area {_areaNumber}";

    /// <summary>
    /// Two chunks of the origin cannot be at one of the store. Ours and today's kernels' are in ascending order, which needs no more than
    /// a look at the last; only the stores of older kernels, which committed copies as they came, have to be sorted: 8 bytes a run.
    /// </summary>
    void CheckDistinct()
    {
        ulong[] runs = new ulong[Restored.Count()];
        int count = 0;
        foreach (ChunkRun run in Restored)
            runs[count++] = run.New << 8 | run.Length - 1;
        Array.Sort(runs);
        for (int i = 1; i < runs.Length; i++)
        {
            ulong cowChunk = runs[i] >> 8;
            if (cowChunk > (runs[i - 1] >> 8) + (byte)runs[i - 1])
                continue;
            ulong[] chunks = [.. Restored.Where(run => cowChunk - run.New < run.Length).Select(run => run.Old + (cowChunk - run.New))];
            throw Refused($"the store on {Cow} says of chunks {chunks[0]} and {chunks[1]} of the origin that both are at its chunk {cowChunk}: it is damaged");
        }
    }

    /// <summary>
    /// Entries behind the end mark come from an area write that was torn: a later sector reached the disk and an earlier one did
    /// not. They were never committed, and their chunks will be given out again. Left there, they would come back to life once the
    /// entries before them fill up, so the area is written without them before anything is added to it.
    /// </summary>
    async ValueTask MendAsync()
    {
        for (int at = 0; at < _area.Bytes.Length; at += LoadWindowBytes)
        {
            byte[] window = _area.Bytes.Slice(at, Math.Min(LoadWindowBytes, _area.Bytes.Length - at)).ToArray();
            await WriteAsync(Cow, AreaSector(_areaNumber) + (uint)at / Sectors.Bytes, window);
        }
    }

    static async ValueTask ReadAsync(BackingDevice cow, ulong sector, Memory<byte> into)
    {
        Errno error = await cow.ReadAsync(sector, into);
        if (error != Errno.None)
            throw Refused($"{cow} cannot be read at sector {sector}: {error}");
    }

    static async ValueTask WriteAsync(BackingDevice cow, ulong sector, ReadOnlyMemory<byte> from)
    {
        Errno error = await cow.WriteAsync(sector, from, BlockFlags.Fua);
        if (error != Errno.None)
            throw Refused($"{cow} cannot be written at sector {sector}: {error}");
    }

    internal static TableException Refused(string why) => new(SnapshotArguments.CowPosition, why, SnapshotArguments.CowName);

    /// <summary>What entries may name: chunks below these.</summary>
    readonly record struct Bounds(ulong StoreChunks, ulong OriginChunks);
}
