using Ublk.Cli.Output;
using Ublk.Control;
using Ublk.Formats.LogWrites;

namespace Ublk.Cli.Replaying;

/// <summary>
/// Does to a device what a log says. The log is read twice, a header at a time: first to see that it is whole, and fits, so that nothing is written
/// if it is not.
/// </summary>
sealed class LogReplay(string logPath, string devicePath, ReplayRange range, ReplayCheck? check)
{
    const int PieceBytes = 1 << 20;

    readonly byte[] _piece = new byte[PieceBytes];
    readonly byte[] _zeroes = new byte[PieceBytes];

    public async Task<ReplayReply> RunAsync(CancellationToken ct)
    {
        using var log = DiskFile.ToRead(logPath);
        var reader = Open(log);
        var device = DiskFile.ToWrite(devicePath);
        try
        {
            if (device.Identity == log.Identity) throw new ControlException(ErrorKind.Failed, $"{devicePath}: the log cannot be replayed to itself");
            Survey(reader, device.Length, ct);
        }
        catch
        {
            device.Dispose();
            throw;
        }

        return await ReplayAsync(Open(log), device, ct);
    }

    /// <summary>Reads the log's super block; what is wrong with it is told with the path.</summary>
    public static LogWritesReader Open(DiskFile log, string path)
    {
        try
        {
            return new LogWritesReader(log.Stream, log.Length);
        }
        catch (InvalidDataException e)
        {
            throw new ControlException(ErrorKind.Failed, $"{path}: {e.Message}", e);
        }
    }

    LogWritesReader Open(DiskFile log) => Open(log, logPath);

    void Survey(LogWritesReader reader, long deviceLength, CancellationToken ct)
    {
        foreach (var entry in range.Of(reader, logPath))
        {
            ct.ThrowIfCancellationRequested();
            if (entry.Start + entry.Length <= deviceLength) continue;
            throw new ControlException(
                ErrorKind.Failed,
                $"{devicePath}: entry {entry.Number} of the log writes up to byte {entry.Start + entry.Length}, and it has {deviceLength} bytes; nothing was written. Give a device as large as the one that was logged");
        }
    }

    /// <summary>The device is closed in the end.</summary>
    async Task<ReplayReply> ReplayAsync(LogWritesReader reader, DiskFile device, CancellationToken ct)
    {
        var reply = new ReplayReply(logPath, devicePath, 0, reader.Super.EntryCount, 0, 0, 0, 0, 0, null);
        try
        {
            foreach (var entry in range.Of(reader, logPath))
            {
                ct.ThrowIfCancellationRequested();
                Apply(reader, entry, device);
                bool isPoint = entry.Is(LogWritesFlags.Flush | LogWritesFlags.Fua);
                reply = Count(reply, entry, isPoint);
                if (!isPoint || check is null) continue;

                // Closed meanwhile: the command may want it for itself.
                device.Sync();
                device.Dispose();
                await CheckAsync(check, entry, reply, ct);
                reply = reply with { Checks = reply.Checks + 1 };
                device = DiskFile.ToWrite(devicePath, device.Identity);
            }

            device.Sync();
            return reply;
        }
        finally
        {
            device.Dispose();
        }
    }

    async Task CheckAsync(ReplayCheck command, LogWritesEntry entry, ReplayReply reply, CancellationToken ct)
    {
        int status = await command.RunAsync(devicePath, entry, reply.LastMark, ct);
        if (status == 0) return;
        throw new ControlException(
            ErrorKind.Failed,
            $"the check ended with {status} after entry {entry.Number} ({string.Join(' ', EntryReply.Of(entry).Kinds)}, at byte {entry.Offset} of {logPath}"
            + $"{(reply.LastMark is null ? "" : $", after mark {reply.LastMark}")}); {reply.Checks} checks before it were content. {devicePath} is as it was for the check; "
            + $"to come back: ublk-dm replay {logPath} --to {devicePath} --limit {entry.Number + 1}");
    }

    void Apply(LogWritesReader reader, LogWritesEntry entry, DiskFile device)
    {
        for (long done = 0; done < entry.Length; done += PieceBytes)
        {
            int count = (int)Math.Min(PieceBytes, entry.Length - done);
            if (entry.DataLength > 0) reader.ReadData(done, _piece.AsSpan(0, count));
            device.Write(entry.Start + done, (entry.DataLength > 0 ? _piece : _zeroes).AsSpan(0, count));
        }
    }

    static ReplayReply Count(ReplayReply reply, LogWritesEntry entry, bool isPoint) => reply with
    {
        Entries = entry.Number + 1,
        Writes = reply.Writes + (entry.DataLength > 0 ? 1UL : 0),
        Bytes = reply.Bytes + (ulong)entry.DataLength,
        Discards = reply.Discards + (entry.Is(LogWritesFlags.Discard) ? 1UL : 0),
        Points = reply.Points + (isPoint ? 1UL : 0),
        LastMark = entry.Is(LogWritesFlags.Mark) ? entry.Mark : reply.LastMark,
    };

    /// <summary>A result for people.</summary>
    public static string Text(ReplayReply reply) =>
        $"{reply.Device}: {reply.Entries} of {reply.OfEntries} entries: {reply.Writes} writes ({SizeText.OfSectors(reply.Bytes / 512)}), {reply.Discards} discards, "
        + $"{reply.Points} flushes and FUA writes{(reply.Checks == 0 ? "" : $", {reply.Checks} checks")}{(reply.LastMark is null ? "" : $"; the last mark is {reply.LastMark}")}";
}
