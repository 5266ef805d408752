using Ublk.Engine;

namespace Ublk.Benchmarks;

/// <summary>Batches of requests into a device. [W]</summary>
sealed class BenchFront : Front
{
    readonly BackingDevice _device;
    readonly Request[] _requests;
    readonly IoEvent _done = new();
    int _pending;
    Errno _first;

    public BenchFront(Worker worker, BackingDevice device, int batch)
    {
        _device = device;
        _requests = [.. Enumerable.Range(0, batch).Select(slot => new Request(worker, this, slot))];
    }

    public override void Complete(Request request, Errno result)
    {
        if (result != Errno.None)
            _first = result;
        if (--_pending == 0)
            _done.Set(_first);
    }

    /// <summary>Starts the batch; done when all of it is.</summary>
    public IoEvent Start(BlockOp op, ulong sector, ulong stride, ulong sectorCount, IoBytes data, ulong deviceSectors)
    {
        _done.Reset();
        _first = Errno.None;
        _pending = _requests.Length;
        for (int i = 0; i < _requests.Length; i++)
        {
            IoBytes own = data.Count == 0 ? default : data.Slice(i * (int)(sectorCount << Sectors.Shift), (int)(sectorCount << Sectors.Shift));
            _requests[i].Start(op, BlockFlags.None, _device, sector, sectorCount, own);
            sector += stride;
            if (sector + sectorCount > deviceSectors)
                sector = 0;
        }
        return _done;
    }
}
