using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>
/// One thread of the data plane with its ring and everything it pools. Other threads reach it only by <see cref="Post"/> and
/// <see cref="InvokeAsync"/>.
/// </summary>
public abstract class Worker(int index, long requestMemoryBytes = Worker.DefaultRequestMemoryBytes)
{
    /// <summary>See <see cref="EngineOptions.BufferBytes"/>.</summary>
    internal const long DefaultRequestMemoryBytes = 64 << 20;

    /// <summary>
    /// Zeroes to write, of all workers: never written, never freed. Nobody waits for memory to zero
    /// something.
    /// </summary>
    static readonly NativeBuffer s_zeroes = new(128 << 10);

    [ThreadStatic]
    static Worker? t_current;

    readonly Stack<Join> _joins = [];
    readonly Stack<Spawned> _spawned = [];
    Request? _freeRequest;
    long _watchedUntilNs;

    /// <summary>[W] The worker whose thread this is.</summary>
    public static Worker Current => t_current!;

    /// <summary>Its number, from 0.</summary>
    public int Index => index;

    /// <summary>[W] Where its backing I/O goes.</summary>
    public abstract Ring Ring { get; }

    /// <summary>Child requests made so far: the peak of those in flight, since they are pooled.</summary>
    public int ChildRequests { get; private set; }

    /// <summary>[W] Somebody looks at latencies.</summary>
    internal bool IsWatched => _watchedUntilNs != 0;

    /// <summary>[W] Memory for requests whose bytes are in the kernel and must be seen here.</summary>
    internal BufferHeap RequestMemory { get; } = new(requestMemoryBytes);

    internal Timers Timers { get; } = new();

    internal IoMailbox Mailbox { get; } = new();

    /// <summary>True when what waits for <see cref="InvokeAsync"/> may go on right on the worker (the simulator, which has one thread).</summary>
    protected virtual bool ContinuesInline => false;

    /// <summary>[any thread] Has the step run on this worker.</summary>
    public abstract void Post(IoStep step);

    /// <summary>[C] Runs work on this worker and gives its result.</summary>
    public ValueTask<T> InvokeAsync<T>(Func<IoTask<T>> work)
    {
        var invocation = new Invocation<T>(work, ContinuesInline);
        Post(invocation);
        return new ValueTask<T>(invocation.Result);
    }

    /// <summary>[W] Times are taken from now on, for so long; 0 changes nothing.</summary>
    internal void Watch(long forNs)
    {
        if (forNs > 0)
            _watchedUntilNs = Math.Max(_watchedUntilNs, Ring.NowNs + forNs);
    }

    /// <summary>[W] The time, or 0 when nobody looks at latencies: reading the clock costs more than a layer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long StampNs() => _watchedUntilNs == 0 ? 0 : StampWatched();

    [MethodImpl(MethodImplOptions.NoInlining)]
    long StampWatched()
    {
        long nowNs = Ring.NowNs;
        if (nowNs < _watchedUntilNs)
            return nowNs;
        _watchedUntilNs = 0;
        return 0;
    }

    /// <summary>The calling thread is this worker from now on.</summary>
    protected void BecomeCurrent() => t_current = this;

    /// <summary>[W] Starts a child request; its task is to be awaited once.</summary>
    internal IoTask<Errno> Start(
        BlockOp op, BlockFlags flags, BackingDevice device, ulong sector, ulong sectorCount, IoBytes data, bool isForOneLine = false,
        bool isPart = false)
    {
        Request request;
        if (_freeRequest is { } free)
        {
            request = free;
            _freeRequest = free.NextFree;
        }
        else
        {
            request = new Request(this);
            ChildRequests++;
        }
        request.Prepare(op, flags, sectorCount, data);
        request.IsForOneLine = isForOneLine;
        request.IsPart = isPart;
        request.Dispatch(this, device, sector);
        return new IoTask<Errno>(request, default);
    }

    /// <summary>
    /// [W] Makes sectors read as zero by writing data, a window at a time: for a device that
    /// refuses to do it itself.
    /// </summary>
    internal async IoTask<Errno> WriteZeroes(BackingDevice device, ulong sector, ulong sectorCount, BlockFlags flags)
    {
        for (ulong done = 0; done < sectorCount;)
        {
            ulong count = Math.Min(sectorCount - done, (ulong)s_zeroes.ByteCount >> Sectors.Shift);
            IoBytes zeroes = new(s_zeroes.Address, -1, 0, (int)(count << Sectors.Shift));
            Errno error = await Start(BlockOp.Write, flags & ~BlockFlags.NoUnmap, device, sector + done, count, zeroes);
            if (error != Errno.None)
                return error;
            done += count;
        }
        return Errno.None;
    }

    /// <summary>
    /// [W] Does what a request asks with its bytes in memory, where they were left in the kernel: for a target that looks at them, a
    /// device on another worker, or a ring or disk that cannot use them where they are. What goes into the layer, if there is one, counts as a
    /// part of the request, which waits outside.
    /// </summary>
    internal async IoTask<Errno> StartInMemory(Request request, BackingDevice device, ulong sector, bool failed = false, Layer? layer = null)
    {
        layer?.CountIn(request);
        IoBytes kept = request.Data;
        (Front front, int slot) = Ring.Buffers[kept.BufferIndex];
        front.NoteCopied(slot, failed);
        using IoBuffer memory = await front.Memory!.Rent(kept.Count);
        Errno error = request.Op == BlockOp.Write ? front.CopyOut(slot, kept.Offset, memory.Data) : Errno.None;
        if (error == Errno.None)
            error = await Start(request.Op, request.Flags, device, sector, request.SectorCount, memory.Data, isPart: layer is not null);
        if (error == Errno.None && request.Op == BlockOp.Read)
            error = front.CopyIn(slot, kept.Offset, memory.Data);
        return layer is null ? error : layer.CountOut(request, error);
    }

    internal void Return(Request request)
    {
        request.NextFree = _freeRequest;
        _freeRequest = request;
    }

    internal IoJoin RentJoin() => _joins.TryPop(out Join? join) ? join : new Join(this);

    internal void Return(Join join) => _joins.Push(join);

    internal Spawned RentSpawned() => _spawned.TryPop(out Spawned? spawned) ? spawned : new Spawned(this);

    internal void Return(Spawned spawned) => _spawned.Push(spawned);
}
