using System.Runtime.InteropServices;

namespace Ublk.Engine;

/// <summary>Page-aligned native memory. The runtime never moves it, and it is zero at first.</summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    const nuint Alignment = 4096;
    void* _address;

    /// <summary>Allocates; the pages are touched only when used.</summary>
    public NativeBuffer(int byteCount)
    {
        ByteCount = byteCount;
        _address = NativeMemory.AlignedAlloc((nuint)byteCount, Alignment);
        NativeMemory.Clear(_address, (nuint)byteCount);
    }

    /// <summary>Length in bytes.</summary>
    public int ByteCount { get; }

    /// <summary>Address of the first byte.</summary>
    public nint Address => (nint)_address;

    /// <summary>The bytes.</summary>
    public Span<byte> Span => new(_address, ByteCount);

    /// <summary>Frees it. Whoever handed out its address must have it back.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_address);
        _address = null;
    }
}
