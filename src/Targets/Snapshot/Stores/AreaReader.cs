namespace Ublk.Targets.Snapshot;

/// <summary>
/// [C] Reads the areas of a store one after the other, from the first to the last that fits on it. They lie as far apart as they have
/// entries, so each costs a whole round trip to the device: several are on their way at a time. How many doubles with each that was
/// wanted, so that a store with little in it is not read far beyond its end mark. What is read ahead and not wanted has no say: neither an
/// error there nor what stands there.
/// </summary>
sealed class AreaReader : IAsyncDisposable
{
    /// <summary>The longest single read: a larger area comes in parts.</summary>
    const int MostWindowBytes = 1 << 20;

    const int MostBytesAhead = 8 << 20;

    const int MostAhead = 32;

    readonly BackingDevice _cow;
    readonly uint _chunkSectors;
    readonly ulong _areaWindows;
    readonly ulong _windowCount;
    readonly Queue<(byte[] Bytes, Task<Errno> Read)> _ahead = new();
    byte[]? _spare;
    int _mostAhead = 1;
    ulong _nextWindow;

    /// <summary>A reader at the first area.</summary>
    /// <param name="cow">The store's device; not owned.</param>
    /// <param name="chunkSectors">The store's chunk size.</param>
    /// <param name="chunkCount">The chunks of the store.</param>
    public AreaReader(BackingDevice cow, uint chunkSectors, ulong chunkCount)
    {
        _cow = cow;
        _chunkSectors = chunkSectors;
        uint areaBytes = chunkSectors * Sectors.Bytes;
        WindowBytes = (int)Math.Min(areaBytes, MostWindowBytes);
        _areaWindows = areaBytes / (uint)WindowBytes;
        _windowCount = PersistentFormat.AreasIn(chunkCount, chunkSectors) * _areaWindows;
    }

    /// <summary>An area or a part of one: what <see cref="NextAsync"/> gives at a time.</summary>
    public int WindowBytes { get; }

    /// <summary>The next window's bytes, good until the next call; null: no further area fits on the store.</summary>
    /// <exception cref="TableException">It cannot be read.</exception>
    public async ValueTask<byte[]?> NextAsync()
    {
        while (_ahead.Count < _mostAhead && _nextWindow < _windowCount)
        {
            byte[] into = _spare ?? new byte[WindowBytes];
            _spare = null;
            _ahead.Enqueue((into, _cow.ReadAsync(SectorOf(_nextWindow++), into).AsTask()));
        }
        _mostAhead = Math.Min(_mostAhead * 2, Math.Min(MostAhead, MostBytesAhead / WindowBytes));
        if (!_ahead.TryDequeue(out (byte[] Bytes, Task<Errno> Read) next))
            return null;
        ulong sector = SectorOf(_nextWindow - 1 - (ulong)_ahead.Count);
        Errno error = await next.Read;
        if (error != Errno.None)
            throw PersistentStore.Refused($"{_cow} cannot be read at sector {sector}: {error}");
        return _spare = next.Bytes;
    }

    /// <summary>Nothing is read any more when it is done: the device may be closed.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_ahead.TryDequeue(out (byte[] Bytes, Task<Errno> Read) unwanted))
            await ((Task)unwanted.Read).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
    }

    ulong SectorOf(ulong window) => PersistentFormat.AreaChunk(window / _areaWindows, _chunkSectors) * _chunkSectors
        + window % _areaWindows * (uint)WindowBytes / Sectors.Bytes;
}
