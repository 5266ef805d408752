using System.Runtime.InteropServices;

namespace Ublk;

/// <summary>
/// Memory of a target's own that devices read and write directly, for as long as it lives: metadata that is kept. Page aligned, zeroed at
/// first, never moved. What is needed for one operation is rented (<see cref="TargetIo.Rent"/>). Any thread, one at a time.
/// </summary>
public sealed unsafe class IoMemory : IDisposable
{
    const nuint PageBytes = 4096;

    readonly int _byteCount;
    void* _address;

    /// <summary>So many bytes.</summary>
    public IoMemory(int byteCount)
    {
        _byteCount = byteCount;
        _address = NativeMemory.AlignedAlloc((nuint)byteCount, PageBytes);
        Bytes.Clear();
    }

    /// <summary>Frees what nobody disposed.</summary>
    ~IoMemory() => Free();

    /// <summary>The bytes, to look at and to change.</summary>
    public Span<byte> Bytes => new(_address, _byteCount);

    /// <summary>The bytes, to read into and to write from. No I/O may be under way when this is disposed.</summary>
    public IoBytes Data => new((nint)_address, -1, 0, _byteCount);

    /// <summary>Frees it.</summary>
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
