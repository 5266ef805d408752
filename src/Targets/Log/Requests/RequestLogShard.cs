using System.Runtime.CompilerServices;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>What one worker does: passes every request through, and keeps a record of those that the filter lets through. [W]</summary>
sealed class RequestLogShard(TargetIo io, RequestFeed feed, BackingDevice device, ulong first, RequestLogFaults faults) : TargetShard
{
    readonly LostRequests _lost = new(faults);
    bool _hasLost;
    ulong _sequence;

    public RequestRing Ring { get; } = new(feed.Sizes.Ring);

    /// <summary>[any thread] A record was lost, and no later one has told so yet.</summary>
    public bool HasLost => Volatile.Read(ref _hasLost);

    public override MapResult Map(BlockRequest request) =>
        feed.Filter.Passes((RecordOp)request.Op, request.Sector, request.SectorCount) ? Record(request) : request.Remap(device, first + request.Sector);

    // Not a part of Map: what is handed on must not pay for the room that this takes on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    async IoTask<Errno> Record(BlockRequest request)
    {
        ulong sequence = (faults & RequestLogFaults.CountByWorker) != 0 ? _sequence++ : feed.Sequence.Take();
        long arrivedNs = io.NowNs;
        Errno result = await io.Forward(request, device, first + request.Sector);
        Push(new()
        {
            Kind = RecordKind.Request,
            Op = (RecordOp)request.Op,
            Flags = (RecordFlags)request.Flags,
            Error = (ushort)result,
            Sequence = sequence,
            UnixNs = (ulong)arrivedNs,      // the drain makes wall time of it
            Sector = request.Sector,
            SectorCount = request.SectorCount,
            LatencyNs = (ulong)(io.NowNs - arrivedNs),
        });
        return result;
    }

    void Push(in RequestRecord record)
    {
        if (_lost.Count == 0 ? Ring.TryPush(record) : TryTell(1) && Ring.TryPush(record))
            return;
        if ((faults & RequestLogFaults.DropSilently) != 0)
            return;
        _lost.Add(record);
        Volatile.Write(ref _hasLost, true);
    }

    /// <summary>Tells what was lost, if it and so many records more fit.</summary>
    bool TryTell(int more)
    {
        if (Ring.Free(_lost.Count + more) < _lost.Count + more)
            return false;
        while (_lost.Count > 0)
            Ring.TryPush(_lost.Take());
        Volatile.Write(ref _hasLost, false);
        return true;
    }

    /// <summary>[C] Tells what was lost although no other record comes.</summary>
    public async ValueTask TellLostAsync() => await io.InvokeAsync<Errno>(() =>
    {
        TryTell(0);
        return Errno.None;
    });

    /// <summary>[C] The same when the worker has nothing more to do with this shard.</summary>
    public void TellLost() => TryTell(0);
}
