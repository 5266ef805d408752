using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ublk.Targets.Log;

/// <summary>
/// The block that says what counts: how much of which journal, and which extents are active. Layout and rules: <c>docs/format/track.md</c>. A commit
/// writes it twice, side by side, in turn to one of two places.
/// </summary>
readonly record struct CommitBlock
{
    public const int Bytes = 4096;

    /// <summary>Two places of two copies.</summary>
    public const int Copies = 4;
    public const int MostSlots = (NumberAgainAt - SlotsAt) / sizeof(uint);

    const ulong Magic = 0x314B_5254_4B4C_4255; // "UBLKTRK1"
    const uint KnownVersion = 1;
    const int SumAt = 8;
    const int SummedFrom = 12;
    const int SlotsAt = 128;
    const int NumberAgainAt = Bytes - sizeof(ulong);

    public uint Version { get; init; }

    /// <summary>Counts commits; the valid block with the largest one counts.</summary>
    public ulong Number { get; init; }

    public ulong SectorCount { get; init; }

    public uint BlockSectors { get; init; }

    public uint ExtentSectors { get; init; }

    public uint PageBlocks { get; init; }

    /// <summary>Blocks of each of the two journals.</summary>
    public uint JournalBlocks { get; init; }

    /// <summary>Which journal: 0 or 1.</summary>
    public uint Half { get; init; }

    /// <summary>Counts the journals that were begun; its blocks have the same number.</summary>
    public ulong Generation { get; init; }

    /// <summary>How many blocks of the journal count.</summary>
    public uint Tail { get; init; }

    public ulong OpenEpoch { get; init; }

    public MapUse Use { get; init; }

    public int SlotCount { get; init; }

    public static bool HasMagic(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadUInt64LittleEndian(block) == Magic;

    /// <summary>False: it is none, or damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> block, out CommitBlock commit)
    {
        commit = default;
        if (!HasMagic(block) || BinaryPrimitives.ReadUInt32LittleEndian(block[SumAt..]) != Checksum.Of(block[SummedFrom..Bytes]))
            return false;
        commit = new CommitBlock
        {
            Version = U32(block, 12),
            Number = U64(block, 16),
            SectorCount = U64(block, 24),
            BlockSectors = U32(block, 32),
            ExtentSectors = U32(block, 36),
            PageBlocks = U32(block, 40),
            JournalBlocks = U32(block, 44),
            Generation = U64(block, 48),
            Tail = U32(block, 56),
            Half = U32(block, 60),
            OpenEpoch = U64(block, 64),
            Use = (MapUse)U32(block, 72),
            SlotCount = (int)U32(block, 76),
        };
        return commit.Version != KnownVersion || (commit.SlotCount <= MostSlots && commit.Half < 2 && commit.Tail <= commit.JournalBlocks);
    }

    public bool IsKnown => Version == KnownVersion;

    /// <summary>The active extents of a block that is valid.</summary>
    public static ReadOnlySpan<uint> Slots(ReadOnlySpan<byte> block, int count) => MemoryMarshal.Cast<byte, uint>(block.Slice(SlotsAt, count * sizeof(uint)));

    /// <summary>Where the active extents go before <see cref="Write"/>.</summary>
    public static Span<uint> Slots(Span<byte> block) => MemoryMarshal.Cast<byte, uint>(block[SlotsAt..NumberAgainAt]);

    /// <summary>Writes all but the slots, and the sum over them. The number stands at the end too, so that both ends of a block change with each commit.</summary>
    public void Write(Span<byte> block)
    {
        block[..SlotsAt].Clear();
        Slots(block)[SlotCount..].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(block, Magic);
        Put(block, 12, KnownVersion);
        Put(block, 16, Number);
        Put(block, 24, SectorCount);
        Put(block, 32, BlockSectors);
        Put(block, 36, ExtentSectors);
        Put(block, 40, PageBlocks);
        Put(block, 44, JournalBlocks);
        Put(block, 48, Generation);
        Put(block, 56, Tail);
        Put(block, 60, Half);
        Put(block, 64, OpenEpoch);
        Put(block, 72, (uint)Use);
        Put(block, 76, (uint)SlotCount);
        Put(block, NumberAgainAt, Number);
        Put(block, SumAt, Checksum.Of(block[SummedFrom..Bytes]));
    }

    static uint U32(ReadOnlySpan<byte> block, int at) => BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);

    static ulong U64(ReadOnlySpan<byte> block, int at) => BinaryPrimitives.ReadUInt64LittleEndian(block[at..]);

    static void Put(Span<byte> block, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(block[at..], value);

    static void Put(Span<byte> block, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(block[at..], value);
}
