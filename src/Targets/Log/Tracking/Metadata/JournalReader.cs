using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Ublk.Targets.Log;

/// <summary>[C] Makes a map of what a journal says, block after block.</summary>
sealed class JournalReader(TrackGeometry geometry, int keep)
{
    TrackMap? _map;

    /// <summary>What was read until now; null: nothing.</summary>
    public TrackMap? Map => _map;

    /// <summary>Takes the records of a block; false: they make no sense.</summary>
    public bool Read(ReadOnlySpan<byte> records)
    {
        while (records.Length >= JournalWriter.RecordHeadBytes)
        {
            int end = JournalWriter.RecordHeadBytes + BinaryPrimitives.ReadUInt16LittleEndian(records[2..]);
            if (end > records.Length || !Read((JournalRecord)records[0], records[JournalWriter.RecordHeadBytes..end]))
                return false;
            records = records[end..];
        }
        return records.IsEmpty;
    }

    bool Read(JournalRecord kind, ReadOnlySpan<byte> payload)
    {
        if (kind == JournalRecord.Begin && _map is null && payload.Length >= sizeof(ulong))
        {
            ulong floor = BinaryPrimitives.ReadUInt64LittleEndian(payload);
            _map = new TrackMap(geometry)
            {
                OpenEpoch = floor + 1,
                Open = new BlockStates(geometry),
                History = new EpochHistory(floor, Encoding.UTF8.GetString(payload[sizeof(ulong)..]), []),
            };
            return true;
        }
        if (_map is not { } map)
            return false;
        switch (kind)
        {
            case JournalRecord.Page when payload.Length == (2 * sizeof(uint)) + geometry.PageBytes:
                return Load(map, payload, MemoryMarshal.Cast<byte, ulong>(payload[(2 * sizeof(uint))..]));
            case JournalRecord.DataPage or JournalRecord.DiscardedPage when payload.Length == sizeof(uint):
                Span<ulong> words = stackalloc ulong[geometry.WordsPerPage];
                words.Fill(StateWord.All(kind == JournalRecord.DataPage ? BlockState.Data : BlockState.Discarded));
                return Load(map, payload, words);
            case JournalRecord.Close when payload.Length == sizeof(ulong):
                return Close(map, BinaryPrimitives.ReadUInt64LittleEndian(payload));
            case JournalRecord.Reader when payload.Length > 2 * sizeof(ulong):
                map.Readers = TrackMap.With(map.Readers, new TrackReader(
                    Encoding.UTF8.GetString(payload[(2 * sizeof(ulong))..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(payload),
                    BinaryPrimitives.ReadUInt64LittleEndian(payload[sizeof(ulong)..])));
                return true;
            case JournalRecord.ReaderGone:
                string gone = Encoding.UTF8.GetString(payload);
                map.Readers = map.Readers.RemoveAll(reader => reader.Name == gone);
                return true;
            case JournalRecord.Samples when payload.Length == sizeof(ulong) + (DeviceSamples.Count * sizeof(uint)):
                map.UnwrittenSamples = BinaryPrimitives.ReadUInt64LittleEndian(payload);
                map.Samples = MemoryMarshal.Cast<byte, uint>(payload[sizeof(ulong)..]).ToArray();
                return true;
            default:
                return false;
        }
    }

    bool Load(TrackMap map, ReadOnlySpan<byte> payload, ReadOnlySpan<ulong> words)
    {
        uint page = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        if (page >= geometry.PageCount)
            return false;
        map.Open.Load((int)page, words);
        return true;
    }

    bool Close(TrackMap map, ulong epoch)
    {
        if (epoch < map.OpenEpoch || epoch == ulong.MaxValue)
            return false;
        map.Close(epoch, new BlockStates(geometry));
        using BlockStates closed = map.Closed!;
        map.Closed = null;
        map.History = map.History.Close(epoch, EpochSet.Of(geometry, closed.Pages)).Prune(geometry, map.Readers, keep);
        return true;
    }
}
