using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ublk.Interop;

namespace Ublk.Cli.Tracking;

/// <summary>
/// What <c>track refresh</c> knows of a copy: of which device it is, up to which checkpoint, and how it was when the last refresh was done with it. A file's is
/// beside it, a block device's in the daemon's folder. What is proven by it, and what is not: docs/targets/track.md.
/// </summary>
/// <param name="Device">The tracked device.</param>
/// <param name="Sector">Where its line begins.</param>
/// <param name="Checkpoint">The copy has everything up to this one.</param>
/// <param name="Condition">Which copy it is and that nobody wrote to it since; see <see cref="ConditionOf"/>.</param>
sealed record CopyRecord(string Device, ulong Sector, ulong Checkpoint, string Condition)
{
    const int LongestReader = 64;
    const string ReaderCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@+";

    /// <summary>Where the record of a copy is.</summary>
    public static string PathOf(string copy, StorageIdentity identity, string folder) =>
        identity.IsBlockDevice ? Path.Combine(folder, $"copy-{identity.Number.Major}-{identity.Number.Minor}.json") : $"{Path.GetFullPath(copy)}.ublk-dm-copy";

    /// <summary>The reader that a copy has by itself: its path, or a digest of it where a reader cannot be called so.</summary>
    public static string ReaderOf(string copy)
    {
        string path = Path.GetFullPath(copy);
        return path.Length <= LongestReader && !path.AsSpan().ContainsAnyExcept(ReaderCharacters) ? path
            : $"copy-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 16))}";
    }

    /// <summary>The record there; null: none that can be read.</summary>
    public static CopyRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), TrackJson.Default.CopyRecord);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Why a copy cannot be what the last refresh left; null: it is.</summary>
    public static string? Doubt(CopyRecord? record, string device, ulong sector, string? condition) =>
        record is null ? "nothing is recorded of the copy"
        : record.Device != device || record.Sector != sector ? $"the copy was one of {record.Device}, sector {record.Sector}"
        : condition is null || record.Condition != condition ? "the copy is not the one that the last refresh wrote, or was written since"
        : null;

    /// <summary>Durable when done: the whole record, or the one before.</summary>
    public void Write(string path)
    {
        string part = $"{path}.new";
        File.Delete(part);
        using (var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, this, TrackJson.Default.CopyRecord);
            file.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: true);
        SyncFolder(path);
    }

    /// <summary>Durably gone when done: from now on nothing is believed of the copy.</summary>
    public static void Remove(string path)
    {
        if (!File.Exists(path)) return;
        File.Delete(path);
        SyncFolder(path);
    }

    /// <summary>Ends the writing: what is written is durable, and any later write gives the copy another condition.</summary>
    public static void Seal(ExclusiveFile copy)
    {
        RandomAccess.FlushToDisk(copy.Handle);

        // The kernel's own time stamps are of its last tick, so a write right after this one could get the same. This one is between two of them.
        if (copy.Identity.IsBlockDevice) return;
        File.SetLastWriteTimeUtc(copy.Handle, DateTime.UtcNow);
        RandomAccess.FlushToDisk(copy.Handle);
    }

    /// <summary>
    /// Of a file: inode, length and time of the last write. Of a block device: this boot, the disk's sequence number, and how much was written to it
    /// since it was plugged in. Null: the system does not count that.
    /// </summary>
    public static string? ConditionOf(ExclusiveFile copy)
    {
        if (!copy.Identity.IsBlockDevice)
            return $"inode {copy.Identity.Inode} bytes {RandomAccess.GetLength(copy.Handle)} written {File.GetLastWriteTimeUtc(copy.Handle).Ticks}";
        RandomAccess.FlushToDisk(copy.Handle); // what somebody wrote through the page cache is counted when it is on the disk
        return WriteCount.Of(copy.Identity.Number) is { } count
            ? $"boot {BlockPaths.ReadLine("/proc/sys/kernel/random/boot_id")} disk {count.DiskSequence} bytes {copy.Length} sectors {count.Sectors}"
            : null;
    }

    static void SyncFolder(string path)
    {
        int fd = Libc.open(Path.GetDirectoryName(path)!, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        bool isDone = fd >= 0 && Libc.fsync(fd) == 0;
        int errno = Libc.Errno;
        if (fd >= 0) _ = Libc.close(fd);
        if (!isDone) throw new IOException($"{path}: its folder cannot be flushed: {ErrnoName.Describe(errno)}");
    }
}

/// <summary>What the kernel has counted of a block device (Documentation/admin-guide/iostats.rst).</summary>
/// <param name="DiskSequence">Another one for each disk that is plugged in, and each medium.</param>
/// <param name="Sectors">Sectors that were written or discarded. (The number of writes says nothing: an fsync counts as one.)</param>
readonly record struct WriteCount(string DiskSequence, ulong Sectors)
{
    const int WrittenAt = 6, DiscardedAt = 13;

    /// <summary>Null: it is not counted.</summary>
    public static WriteCount? Of(DeviceNumber number)
    {
        if (BlockPaths.SysFolder(number) is not { } folder || BlockPaths.QueueFolder(number) is not { } queue) return null;
        string[] words = BlockPaths.ReadLine($"{folder}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string sequence = BlockPaths.ReadLine($"{queue}/../diskseq");
        return words.Length > DiscardedAt && sequence.Length > 0 && BlockPaths.ReadLine($"{queue}/iostats") == "1"
            ? new(sequence, ulong.Parse(words[WrittenAt]) + ulong.Parse(words[DiscardedAt]))
            : null;
    }
}
