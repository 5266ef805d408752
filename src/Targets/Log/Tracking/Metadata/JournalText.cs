using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Ublk.Targets.Log;

/// <summary>Records of a map as the journal has them. The caller sees to it that there is room. Allocates nothing.</summary>
static class JournalText
{
    public static void PutHead(JournalWriter writer, TrackMap map)
    {
        PutBegin(writer, map.History);
        foreach (TrackReader reader in map.Readers)
            PutReader(writer, reader);
    }

    public static void PutBegin(JournalWriter writer, EpochHistory history)
    {
        ReadOnlySpan<char> reason = history.FloorReason;
        while (Encoding.UTF8.GetByteCount(reason) > JournalWriter.LongestRecord - sizeof(ulong))
            reason = reason[..^1];
        Span<byte> payload = writer.Add(JournalRecord.Begin, sizeof(ulong) + Encoding.UTF8.GetByteCount(reason));
        BinaryPrimitives.WriteUInt64LittleEndian(payload, history.Floor);
        Encoding.UTF8.GetBytes(reason, payload[sizeof(ulong)..]);
    }

    public static void PutReader(JournalWriter writer, TrackReader reader)
    {
        Span<byte> payload = writer.Add(JournalRecord.Reader, (2 * sizeof(ulong)) + Encoding.UTF8.GetByteCount(reader.Name));
        BinaryPrimitives.WriteUInt64LittleEndian(payload, reader.Base);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[sizeof(ulong)..], reader.Previous);
        Encoding.UTF8.GetBytes(reader.Name, payload[(2 * sizeof(ulong))..]);
    }

    public static void PutReaderGone(JournalWriter writer, string name) =>
        Encoding.UTF8.GetBytes(name, writer.Add(JournalRecord.ReaderGone, Encoding.UTF8.GetByteCount(name)));

    public static void PutSamples(JournalWriter writer, TrackMap map)
    {
        Span<byte> payload = writer.Add(JournalRecord.Samples, sizeof(ulong) + (DeviceSamples.Count * sizeof(uint)));
        BinaryPrimitives.WriteUInt64LittleEndian(payload, map.UnwrittenSamples);
        map.Samples.CopyTo(MemoryMarshal.Cast<byte, uint>(payload[sizeof(ulong)..]));
    }

    public static void PutClose(JournalWriter writer, ulong epoch) =>
        BinaryPrimitives.WriteUInt64LittleEndian(writer.Add(JournalRecord.Close, sizeof(ulong)), epoch);

    public static void PutPage(JournalWriter writer, int page, ReadOnlySpan<ulong> words)
    {
        BlockState all = StateWord.Uniform(words);
        if (all != BlockState.Clean)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(writer.Add(all == BlockState.Data ? JournalRecord.DataPage : JournalRecord.DiscardedPage, sizeof(uint)), (uint)page);
            return;
        }
        Span<byte> payload = writer.Add(JournalRecord.Page, (2 * sizeof(uint)) + (words.Length * sizeof(ulong)));
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)page);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[sizeof(uint)..], 0);
        words.CopyTo(MemoryMarshal.Cast<byte, ulong>(payload[(2 * sizeof(uint))..]));
    }
}
