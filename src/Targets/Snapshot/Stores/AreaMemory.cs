using System.Runtime.InteropServices;

namespace Ublk.Targets.Snapshot;

/// <summary>One metadata area in memory that may be read from and written to devices directly: page aligned, zeroed, never moved.</summary>
sealed unsafe class AreaMemory : IDisposable
{
    const nuint PageBytes = 4096;

    readonly int _byteCount;
    void* _address;

    public AreaMemory(int byteCount)
    {
        _byteCount = byteCount;
        _address = NativeMemory.AlignedAlloc((nuint)byteCount, PageBytes);
        Bytes.Clear();
    }

    ~AreaMemory() => Free();

    public Span<byte> Bytes => new(_address, _byteCount);

    public IoBytes Data => new((nint)_address, -1, 0, _byteCount);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void Free()
    {
        NativeMemory.AlignedFree(_address);
        _address = null;
    }
}
