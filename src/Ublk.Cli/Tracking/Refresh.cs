using Microsoft.Win32.SafeHandles;
using Ublk.Control;
using Ublk.Interop;

namespace Ublk.Cli.Tracking;

/// <summary>
/// Brings a copy of a tracked device up to date: what the kernel holds back for the node goes to the device, an epoch ends, and what changed since the copy's
/// last time is copied. Only when the copy is durable its record and then its reader go on: a run that is broken off is done again, whole, by the next.
/// The record says since when: the reader only keeps what changed since then.
/// </summary>
sealed class Refresh(Session session, string device, ulong sector, string file, string? readerName)
{
    const int SectorBytes = 512;
    const int BufferBytes = 1 << 20;

    ulong _copied;
    ulong _written;

    public async Task<RefreshReply> RunAsync(CancellationToken ct)
    {
        // Before anything else: nothing is done to the tracked device for a copy that cannot be written.
        using var to = ExclusiveFile.Open(file, creates: true);
        try
        {
            return await RunAsync(to, ct);
        }
        catch when (to.IsNew && RandomAccess.GetLength(to.Handle) == 0)
        {
            File.Delete(file);
            throw;
        }
    }

    async Task<RefreshReply> RunAsync(ExclusiveFile to, CancellationToken ct)
    {
        var info = await session.Client.InfoAsync(device, ct);
        string node = info.Node ?? throw new ControlException(ErrorKind.Failed, $"{device} has no node; resume it first");
        var line = (await session.Client.TableAsync(device, inactive: false, ct)).First(one => one.Start == sector);
        long bytes = (long)line.SectorCount * SectorBytes;
        string reader = readerName ?? CopyRecord.ReaderOf(file);
        CheckApart(node, to);
        if (!(to.Length == 0 && !to.Identity.IsBlockDevice) && to.Length < bytes)
            throw new ControlException(ErrorKind.Failed, $"{file} has {to.Length} bytes, {device} {bytes}: it is no copy of it. Remove it to begin anew, or name another file");
        string recordPath = CopyRecord.PathOf(file, to.Identity, session.Paths.Folder);
        var record = CopyRecord.Read(recordPath);
        bool isNew = to.Length == 0;
        string? full = isNew ? "there was no copy" : CopyRecord.Doubt(record, device, sector, CopyRecord.ConditionOf(to));

        using var from = File.OpenHandle(node, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.SequentialScan);

        // Here and not in the daemon, which must never wait for its own devices: pages written through mmap are in the kernel until then.
        await Task.Run(() => RandomAccess.FlushToDisk(from), ct);
        ulong checkpoint = ulong.Parse(await SayAsync(ct, "checkpoint"));
        if (ReaderReply.Parse(await SayAsync(ct, "readers")).All(one => one.Name != reader)) await SayAsync(ct, "reader", "add", reader);
        if (record?.Checkpoint > checkpoint) full ??= $"the copy's last checkpoint, {record.Checkpoint}, is not one of this device";

        // What a mounted file system wrote past the node's page cache is old there.
        PageCache.Drop(from);
        CopyRecord.Remove(recordPath);
        if (isNew) RandomAccess.SetLength(to.Handle, bytes);
        var before = to.Identity.IsBlockDevice ? WriteCount.Of(to.Identity.Number) : null;
        try
        {
            if (full is null)
            {
                using var changes = await ChangesReader.AskAsync(session, device, sector, ["changes", "since", $"{record!.Checkpoint}", "until", $"{checkpoint}"], ct);
                full = changes.Full;
                if (full is null)
                {
                    await foreach (var range in changes.RangesAsync(joins: true))
                        await CopyAsync(from, to.Handle, line.Start, range.First, range.Count, skipsZeroes: false, ct);
                }
            }

            if (full is not null) await CopyAsync(from, to.Handle, line.Start, 0, line.SectorCount, skipsZeroes: isNew, ct);
        }
        catch when (full is null)
        {
            // It still has everything up to its old checkpoint, and some of what came later: the next run begins there again.
            Record(to, recordPath, before, record!.Checkpoint);
            throw;
        }

        await Task.Run(() => Record(to, recordPath, before, checkpoint), CancellationToken.None);
        await SayAsync(ct, "reader", "advance", reader, $"{checkpoint}");
        return new RefreshReply(checkpoint, _copied, full);
    }

    /// <summary>A file on the tracked device would be copied into itself.</summary>
    void CheckApart(string node, ExclusiveFile to)
    {
        if (to.Identity.IsBlockDevice || !BlockPaths.TryNumberOf(node, out var tracked)) return;
        if (BlockPaths.FindBelow(BlockPaths.FileSystemDevicesOf(file), number => number == tracked) is null) return;
        throw new ControlException(ErrorKind.Failed, $"{file}: lies on {device} itself; a copy there would be a copy of itself. Name a place on another disk");
    }

    /// <summary>Of a block device only what is counted can be noticed: without a count there is no record, and the next refresh copies everything.</summary>
    void Record(ExclusiveFile to, string path, WriteCount? before, ulong checkpoint)
    {
        CopyRecord.Seal(to);
        string? condition = CopyRecord.ConditionOf(to);
        bool isCounted = !to.Identity.IsBlockDevice
            || (before is { } old && WriteCount.Of(to.Identity.Number) is { } now && now.Sectors - old.Sectors >= _written);
        if (condition is not null && isCounted) new CopyRecord(device, sector, checkpoint, condition).Write(path);
    }

    /// <summary>A new file has holes where there is nothing.</summary>
    async Task CopyAsync(SafeFileHandle from, SafeFileHandle to, ulong start, ulong first, ulong count, bool skipsZeroes, CancellationToken ct)
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

            if (!skipsZeroes || piece.Span.ContainsAnyExcept((byte)0))
            {
                await RandomAccess.WriteAsync(to, piece, (long)(first + done) * SectorBytes, ct);
                _written += (ulong)(length / SectorBytes);
            }

            done += (ulong)(length / SectorBytes);
        }

        _copied += count;
    }

    async Task<string> SayAsync(CancellationToken ct, params string[] words) =>
        (await session.Client.MessageAsync(device, new MessageRequest(words, sector), ct)).Reply;
}
