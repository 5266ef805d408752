namespace Ublk;

/// <summary>
/// A window on mapped memory, or on bytes that the kernel keeps: those cannot be seen, but a ring with which they are registered can
/// use them. Whoever handed it out owns the memory and keeps it until the operation is over.
/// </summary>
public readonly unsafe struct IoBytes
{
    readonly nint _address;

    /// <summary>0: mapped memory. Otherwise the index + 1 of bytes that the kernel keeps, negative when no ring has them registered.</summary>
    readonly int _buffer;

    /// <summary>A window of <paramref name="count"/> bytes at <paramref name="offset"/> of mapped memory, or of a registered buffer.</summary>
    public IoBytes(nint address, int bufferIndex, int offset, int count)
    {
        _address = address;
        _buffer = bufferIndex + 1;
        Offset = offset;
        Count = count;
    }

    /// <summary>Bytes that the kernel keeps and that no ring has registered: to be copied by whoever needs them.</summary>
    public static IoBytes Unregistered(int bufferIndex, int count) => new(0, -bufferIndex - 2, 0, count);

    /// <summary>Address of the first byte; of a registered buffer the one that the ring knows it by (0 is the start of a driver's).</summary>
    public nint Address => _address + Offset;

    /// <summary>The kernel keeps the bytes.</summary>
    public bool IsInKernel => _buffer != 0;

    /// <summary>The kernel keeps the bytes, and no ring has them registered.</summary>
    public bool IsUnregistered => _buffer < 0;

    /// <summary>Index of bytes that the kernel keeps, or -1 for mapped memory.</summary>
    public int BufferIndex => Math.Abs(_buffer) - 1;

    /// <summary>Offset in bytes in the memory or buffer.</summary>
    public int Offset { get; }

    /// <summary>Length in bytes.</summary>
    public int Count { get; }

    /// <summary>A part of this window.</summary>
    public IoBytes Slice(int from, int length) => new(_address, _buffer - 1, Offset + from, length);

    /// <summary>The bytes, read only: another leg may share a write's. Throws (and so ends the process) for bytes in the kernel.</summary>
    public ReadOnlySpan<byte> Bytes => new(Mapped(), Count);

    /// <summary>The bytes to fill, of a read or of one's own <see cref="IoBuffer"/>.</summary>
    public Span<byte> Fill => new(Mapped(), Count);

    byte* Mapped() => !IsInKernel
        ? (byte*)Address
        : throw new InvalidOperationException("A target that does not say SeesData looked at bytes that the kernel keeps.");
}
