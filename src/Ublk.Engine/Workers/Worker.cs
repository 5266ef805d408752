namespace Ublk.Engine;

/// <summary>
/// One thread of the data plane with its ring and everything it pools. Other threads reach it only by <see cref="Post"/> and
/// <see cref="InvokeAsync"/>.
/// </summary>
public abstract class Worker(int index)
{
    [ThreadStatic]
    static Worker? t_current;

    readonly Stack<Join> _joins = [];
    readonly Stack<Spawned> _spawned = [];
    Request? _freeRequest;

    /// <summary>[W] The worker whose thread this is.</summary>
    public static Worker Current => t_current!;

    /// <summary>Its number, from 0.</summary>
    public int Index => index;

    /// <summary>[W] Where its backing I/O goes.</summary>
    public abstract Ring Ring { get; }

    /// <summary>Child requests made so far: the peak of those in flight, since they are pooled.</summary>
    public int ChildRequests { get; private set; }

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

    /// <summary>The calling thread is this worker from now on.</summary>
    protected void BecomeCurrent() => t_current = this;

    /// <summary>[W] Starts a child request; its task is to be awaited once.</summary>
    internal IoTask<Errno> Start(
        BlockOp op, BlockFlags flags, BackingDevice device, ulong sector, ulong sectorCount, IoBytes data, bool isForOneLine = false)
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
        request.Dispatch(device, sector);
        return new IoTask<Errno>(request, default);
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
