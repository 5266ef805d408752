using Ublk.Engine;

namespace Ublk.Load;

/// <summary>One page-aligned buffer for each slot; random bytes, so that no disk below finds them easy to store.</summary>
sealed class Payload : IDisposable
{
    readonly NativeBuffer _memory;
    readonly int _strideBytes;
    readonly int _blockBytes;

    public Payload(Workload workload)
    {
        _blockBytes = workload.BlockBytes;
        _strideBytes = (_blockBytes + Environment.SystemPageSize - 1) & -Environment.SystemPageSize;
        _memory = new NativeBuffer(_strideBytes * workload.Depth);
        new Random((int)workload.Seed).NextBytes(_memory.Span);
    }

    public IoBytes Of(int slot) => new(_memory.Address, -1, slot * _strideBytes, _blockBytes);

    public void Dispose() => _memory.Dispose();
}
