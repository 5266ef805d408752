namespace Ublk;

/// <summary>
/// A window on mapped memory, or on a buffer registered with the ring (then <see cref="BufferIndex"/> is not negative and the
/// bytes cannot be seen). Whoever handed it out owns the memory and keeps it until the operation is over.
/// </summary>
public readonly unsafe struct IoBytes
{
    readonly nint _address;
    readonly int _buffer;       // index + 1, so that the empty window is none of a registered buffer

    /// <summary>A window of <paramref name="count"/> bytes at <paramref name="offset"/> of mapped memory or of a registered buffer.</summary>
    public IoBytes(nint address, int bufferIndex, int offset, int count)
    {
        _address = address;
        _buffer = bufferIndex + 1;
        Offset = offset;
        Count = count;
    }

    /// <summary>Address of the first byte; of a registered buffer the one that the ring knows it by (0 is the start of a driver's).</summary>
    public nint Address => _address + Offset;

    /// <summary>The bytes are not mapped: the kernel keeps them in a registered buffer.</summary>
    public bool IsInKernel => _buffer != 0;

    /// <summary>Index of the registered buffer, or -1 for mapped memory.</summary>
    public int BufferIndex => _buffer - 1;

    /// <summary>Offset in bytes in the memory or buffer.</summary>
    public int Offset { get; }

    /// <summary>Length in bytes.</summary>
    public int Count { get; }

    /// <summary>A part of this window.</summary>
    public IoBytes Slice(int from, int length) => new(_address, BufferIndex, Offset + from, length);

    /// <summary>The bytes, read only: another leg may share a write's. Throws (and so ends the process) for a registered buffer.</summary>
    public ReadOnlySpan<byte> Bytes => new(Mapped(), Count);

    /// <summary>The bytes to fill, of a read or of one's own <see cref="IoBuffer"/>.</summary>
    public Span<byte> Fill => new(Mapped(), Count);

    byte* Mapped() => !IsInKernel
        ? (byte*)Address
        : throw new InvalidOperationException("A target that does not say SeesData looked at a registered buffer.");
}
