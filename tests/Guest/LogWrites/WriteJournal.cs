using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>
/// What <c>stamps write</c> wrote to a number of devices (inside/stamps.c has the format), and so what a sector may hold: the ids of
/// one sector rise in the order in which it was written.
/// </summary>
sealed class WriteJournal
{
    /// <summary>What every sector held before.</summary>
    public const ulong Before = 1;

    const ulong StampMagic = 0x706d617473206f76;
    const int StampBytes = 32;

    readonly Dictionary<ulong, (int Device, long Sector, int Count)> _writes = [];
    readonly Dictionary<string, (int Device, ulong[] Ids)> _syncs = new(StringComparer.Ordinal);

    /// <param name="path">The journal.</param>
    /// <param name="sectors">Of each device, all of them the same.</param>
    /// <param name="devices">How many there are.</param>
    public WriteJournal(string path, int sectors, int devices)
    {
        ulong[][] acknowledged = [.. Enumerable.Range(0, devices).Select(_ => Enumerable.Repeat(Before, sectors).ToArray())];
        foreach (string[] words in File.ReadLines(path).Select(line => line.Split(' ')))
        {
            switch (words[0])
            {
                case "w":
                    _writes.Add(ulong.Parse(words[2]), (int.Parse(words[1]), long.Parse(words[3]), int.Parse(words[4])));
                    break;
                case "a":
                    ulong id = ulong.Parse(words[1]);
                    (int device, long sector, int count) = _writes[id];
                    acknowledged[device].AsSpan((int)sector, count).Fill(id);
                    break;
                case "s":
                    int synced = int.Parse(words[2]);
                    _syncs.Add($"f{words[1]}", (synced, [.. acknowledged[synced]]));
                    break;
                default:
                    throw new InvalidDataException($"{path}: '{string.Join(' ', words)}' is no line of a journal");
            }
        }
        Durable = [.. Enumerable.Range(0, devices).Select(_ => Enumerable.Repeat(Before, sectors).ToArray())];
    }

    /// <summary>For each device and sector, the oldest id that it may hold since the last mark that was passed.</summary>
    public ulong[][] Durable { get; }

    /// <summary>How many writes a device had.</summary>
    public int WritesOf(int device) => _writes.Values.Count(write => write.Device == device);

    /// <summary>The sectors of a device that were written, some of them more than once.</summary>
    public IEnumerable<int> WrittenSectors(int device) => _writes.Values.Where(write => write.Device == device)
        .SelectMany(write => Enumerable.Range((int)write.Sector, write.Count));

    /// <summary>The log has a mark here: what was acknowledged before the sync that it tells of is durable.</summary>
    /// <returns>Whether it tells of a sync.</returns>
    public bool Pass(string mark)
    {
        if (!_syncs.TryGetValue(mark, out (int Device, ulong[] Ids) sync))
            return false;
        for (int i = 0; i < sync.Ids.Length; i++)
            Durable[sync.Device][i] = Math.Max(Durable[sync.Device][i], sync.Ids[i]);
        return true;
    }

    /// <summary>Null, or why a sector of a device may not hold these bytes.</summary>
    public string? Fault(int device, int sector, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong id = words[2];
        bool isStamp = words[0] == StampMagic && words[1] == (ulong)sector && words[3] == ~id && bytes[StampBytes..].SequenceEqual(bytes[..^StampBytes]);
        if (!isStamp)
            return $"holds {Convert.ToHexString(bytes[..16])}..., no stamp of this sector";
        ulong least = Durable[device][sector];
        if (id == Before)
            return least == Before ? null : $"holds what was there before everything, though id {least} is durable";
        if (!_writes.TryGetValue(id, out (int Device, long Sector, int Count) write) || sector < write.Sector || sector >= write.Sector + write.Count)
            return $"holds id {id}, which was never written there";
        if (write.Device != device)
            return $"holds id {id}, which was written to another device";
        return id >= least ? null : $"holds id {id}, though id {least} is durable";
    }
}
