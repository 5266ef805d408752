using Microsoft.Win32.SafeHandles;
using Ublk.Control;

namespace Ublk.Cli.Tracking;

/// <summary>
/// Brings a copy of a tracked device up to date: what the kernel holds back for the node goes to the device, an epoch ends, and what changed since the copy's
/// last time is copied. Only when the copy is durable its reader goes on: a run that is broken off is done again, whole, by the next.
/// </summary>
sealed class Refresh(Session session, string device, ulong sector, string file, string? readerName)
{
    const int SectorBytes = 512;
    const int BufferBytes = 1 << 20;

    public async Task<RefreshReply> RunAsync(CancellationToken ct)
    {
        var info = await session.Client.InfoAsync(device, ct);
        string node = info.Node ?? throw new ControlException(ErrorKind.Failed, $"{device} has no node; resume it first");
        using var from = File.OpenHandle(node, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.SequentialScan);

        // Here and not in the daemon, which must never wait for its own devices: pages written through mmap are in the kernel until then.
        await Task.Run(() => RandomAccess.FlushToDisk(from), ct);
        ulong checkpoint = ulong.Parse(await SayAsync(ct, "checkpoint"));
        string reader = readerName ?? Path.GetFullPath(file);
        var known = ReaderReply.Parse(await SayAsync(ct, "readers")).FirstOrDefault(one => one.Name == reader);
        if (known is null) await SayAsync(ct, "reader", "add", reader);
        var line = (await session.Client.TableAsync(device, inactive: false, ct)).First(one => one.Start == sector);
        long bytes = (long)line.SectorCount * SectorBytes;
        using var to = File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        long length = Length(to, file);
        bool isNew = length == 0;
        if (isNew && known is not null)
        {
            // Before anything else: a copy that is broken off must not be believed by the next run.
            await SayAsync(ct, "reader", "remove", reader);
            await SayAsync(ct, "reader", "add", reader);
        }

        // What a mounted file system wrote past the node's page cache is old there.
        PageCache.Drop(from);
        if (isNew) RandomAccess.SetLength(to, length = bytes);
        if (length < bytes)
            throw new ControlException(ErrorKind.Failed, $"{file} has {length} bytes, {device} {bytes}: it is no copy of it. Remove it to begin anew, or name another file");
        string? full = isNew ? "there was no copy" : known?.Base is null ? "its reader has taken nothing before" : null;

        ulong copied = 0;
        if (full is null)
        {
            using var changes = await ChangesReader.AskAsync(session, device, sector, ["changes", "since", $"{known!.Base}", "until", $"{checkpoint}"], ct);
            full = changes.Full;
            if (full is null)
            {
                await foreach (var range in changes.RangesAsync(joins: true))
                    copied += await CopyAsync(from, to, line.Start, range.First, range.Count, skipsZeroes: false, ct);
            }
        }

        if (full is not null) copied = await CopyAsync(from, to, line.Start, 0, line.SectorCount, skipsZeroes: isNew, ct);
        await Task.Run(() => RandomAccess.FlushToDisk(to), ct);
        await SayAsync(ct, "reader", "advance", reader, $"{checkpoint}");
        return new RefreshReply(checkpoint, copied, full);
    }

    /// <summary>A new file has holes where there is nothing.</summary>
    async Task<ulong> CopyAsync(SafeFileHandle from, SafeFileHandle to, ulong start, ulong first, ulong count, bool skipsZeroes, CancellationToken ct)
    {
        byte[] buffer = new byte[BufferBytes];
        for (ulong done = 0; done < count;)
        {
            int length = (int)Math.Min(BufferBytes, (count - done) * SectorBytes);
            Memory<byte> piece = buffer.AsMemory(0, length);
            for (int read = 0; read < length;)
            {
                int more = await RandomAccess.ReadAsync(from, piece[read..], (long)(start + first + done) * SectorBytes + read, ct);
                if (more == 0) throw new IOException($"{device} ends at sector {start + first + done}");
                read += more;
            }

            if (!skipsZeroes || piece.Span.ContainsAnyExcept((byte)0)) await RandomAccess.WriteAsync(to, piece, (long)(first + done) * SectorBytes, ct);
            done += (ulong)(length / SectorBytes);
        }

        return count;
    }

    // A block device has no length for stat.
    static long Length(SafeFileHandle handle, string file)
    {
        string name = Path.GetFileName(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file);
        string sectors = $"/sys/class/block/{name}/size";
        return RandomAccess.GetLength(handle) is > 0 and var length ? length
            : Path.GetFullPath(file).StartsWith("/dev/", StringComparison.Ordinal) && File.Exists(sectors) ? long.Parse(File.ReadAllText(sectors)) * SectorBytes
            : 0;
    }

    async Task<string> SayAsync(CancellationToken ct, params string[] words) =>
        (await session.Client.MessageAsync(device, new MessageRequest(words, sector), ct)).Reply;
}
