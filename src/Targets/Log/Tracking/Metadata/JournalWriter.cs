using System.Buffers.Binary;

namespace Ublk.Targets.Log;

/// <summary>
/// Lays records out in blocks of the journal, in memory that is then written: one behind the other, none across two blocks. Allocates nothing.
/// </summary>
sealed class JournalWriter(int blockCount) : IDisposable
{
    public const int BlockBytes = 4096;
    public const int HeadBytes = 24;
    public const int RecordHeadBytes = 4;

    /// <summary>Payload of a record, at most.</summary>
    public const int LongestRecord = 416;

    const uint Magic = 0x4A4B_5254; // "TRKJ"

    /// <summary>A block ends when the next record does not fit: it has at least so many bytes of records.</summary>
    const int MostPacked = BlockBytes - HeadBytes - RecordHeadBytes - LongestRecord;
    const int SummedFrom = 8;

    readonly IoMemory _memory = new(blockCount * BlockBytes);
    ulong _generation;
    uint _first;
    int _sealed;
    int _used = HeadBytes;

    /// <summary>What was laid out, for writing.</summary>
    public IoBytes Data => _memory.Data.Slice(0, _sealed * BlockBytes);

    public ReadOnlySpan<byte> Bytes => _memory.Bytes[..(_sealed * BlockBytes)];

    /// <summary>Index in the journal of the first block of <see cref="Data"/>.</summary>
    public uint First => _first;

    /// <summary>Blocks of <see cref="Data"/>.</summary>
    public int Count => _sealed;

    /// <summary>Index of the next block.</summary>
    public uint Tail => _first + (uint)_sealed;

    /// <summary>How many blocks records of so many bytes in all take, heads included, at most.</summary>
    public static uint BlocksFor(long recordBytes) => (uint)((recordBytes + MostPacked - 1) / MostPacked) + 1;

    /// <summary>Goes on in a journal at a block.</summary>
    public void Begin(ulong generation, uint index)
    {
        _generation = generation;
        _first = index;
        _sealed = 0;
        _used = HeadBytes;
    }

    /// <summary>True when the memory is full unless the record goes into the block that was begun: write first.</summary>
    public bool IsFull(int payloadBytes) => _sealed == blockCount || (_sealed == blockCount - 1 && !Fits(payloadBytes));

    /// <summary>Room for a record's payload.</summary>
    public Span<byte> Add(JournalRecord kind, int payloadBytes)
    {
        if (!Fits(payloadBytes))
            Seal();
        Span<byte> record = Block[_used..];
        _used += RecordHeadBytes + payloadBytes;
        record[0] = (byte)kind;
        record[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(record[2..], (ushort)payloadBytes);
        return record.Slice(RecordHeadBytes, payloadBytes);
    }

    /// <summary>Ends the block that was begun, if it has a record.</summary>
    public void Seal()
    {
        if (_used == HeadBytes)
            return;
        Span<byte> block = Block;
        block[_used..].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(block, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(block[8..], _generation);
        BinaryPrimitives.WriteUInt32LittleEndian(block[16..], Tail);
        BinaryPrimitives.WriteUInt32LittleEndian(block[20..], (uint)_used);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], Checksum.Of(block[SummedFrom..]));
        _sealed++;
        _used = HeadBytes;
    }

    /// <summary>What was laid out is written: the memory is free again.</summary>
    public void Next() => Begin(_generation, Tail);

    /// <summary>The records of a block; null: it is damaged, or not the one that it should be.</summary>
    public static ReadOnlyMemory<byte>? Records(ReadOnlyMemory<byte> block, ulong generation, uint index)
    {
        ReadOnlySpan<byte> bytes = block.Span;
        uint used = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
        bool isGood = BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Checksum.Of(bytes[SummedFrom..])
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) == generation
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) == index
            && used is >= HeadBytes and <= BlockBytes;
        // Not as one expression: its null would become an empty memory, and damage an empty block.
        if (isGood)
            return block[HeadBytes..(int)used];
        return null;
    }

    public void Dispose() => _memory.Dispose();

    Span<byte> Block => _memory.Bytes.Slice(_sealed * BlockBytes, BlockBytes);

    bool Fits(int payloadBytes) => _used + RecordHeadBytes + payloadBytes <= BlockBytes;
}
