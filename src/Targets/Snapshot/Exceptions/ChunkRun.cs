using System.Runtime.InteropServices;

namespace Ublk.Targets.Snapshot;

/// <summary>
/// Consecutive chunks of the origin that are at consecutive chunks of the COW store, in 12 bytes: origin chunk (48 bits),
/// length - 1 (8 bits), COW chunk (40 bits). COW chunk 0 is the store's header, so all zeros is no run.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
readonly struct ChunkRun
{
    /// <summary>One more than the largest origin chunk: 128 PiB in chunks of one sector.</summary>
    public const ulong OldLimit = 1UL << 48;

    /// <summary>One more than the largest COW chunk: 512 TiB in chunks of one sector, 16 EiB in chunks of 16 KiB.</summary>
    public const ulong NewLimit = 1UL << 40;

    readonly uint _oldLow;
    readonly uint _oldHighLengthNewHigh;
    readonly uint _newLow;

    public ChunkRun(ulong oldChunk, ulong newChunk, uint length)
    {
        _oldLow = (uint)oldChunk;
        _oldHighLengthNewHigh = (uint)(oldChunk >> 32) | (length - 1) << 16 | (uint)(newChunk >> 32) << 24;
        _newLow = (uint)newChunk;
    }

    /// <summary>First chunk on the origin.</summary>
    public ulong Old => _oldLow | (ulong)(ushort)_oldHighLengthNewHigh << 32;

    /// <summary>First chunk on the COW store.</summary>
    public ulong New => _newLow | (ulong)(_oldHighLengthNewHigh >> 24) << 32;

    /// <summary>Chunks, 1 to 256.</summary>
    public uint Length => (byte)(_oldHighLengthNewHigh >> 16) + 1U;

    public bool IsEmpty => (_newLow | _oldHighLengthNewHigh >> 24) == 0;

    /// <summary>Whether this exception comes right behind the run, on the origin and on the COW store.</summary>
    public bool IsFollowedBy(ulong oldChunk, ulong newChunk) => oldChunk == Old + Length && newChunk == New + Length;

    /// <summary>The run and the next exception.</summary>
    public ChunkRun Longer() => new(Old, New, Length + 1);
}
