using System.Diagnostics;
using Ublk.Cli.Requests;
using Ublk.Control;
using Ublk.Formats.Requests;

namespace Ublk.Cli.Heatmaps;

/// <summary>Where a picture's requests come from.</summary>
/// <param name="Grid">All of them.</param>
/// <param name="ToNs">When it ended, nanoseconds since 1970.</param>
/// <param name="IsOff">Nothing is being recorded.</param>
sealed record HeatRecording(HeatGrid Grid, ulong ToNs, bool IsOff)
{
    // A record comes when its request is done and those that arrived before it are, or have taken 100 ms longer.
    static readonly TimeSpan s_late = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan s_progress = TimeSpan.FromMilliseconds(500);

    /// <summary>A device's requests from now on, for so long or until <paramref name="ct"/>.</summary>
    public static async Task<HeatRecording> RecordAsync(Session session, string device, ulong? sector, double seconds, Action<double, ulong> progress, CancellationToken ct)
    {
        ulong at = await TargetLine.SectorAsync(session, device, "reqlog", sector, ct);
        await using var stream = await session.Client.StreamAsync(device, new MessageRequest(["log", "follow"], at), ct);
        var reader = await OpenAsync(stream, device, ct);
        var grid = new HeatGrid(reader.Header.SectorCount, reader.Header.UnixNs);
        ulong toNs = reader.Header.UnixNs + (ulong)(seconds * 1e9);
        long begin = Stopwatch.GetTimestamp();
        bool isOff = false;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(TimeSpan.FromSeconds(seconds) + s_late);
        try
        {
            long told = begin;
            while (await reader.NextAsync(end.Token) is { } record)
            {
                if (record.Kind == RecordKind.Filter) isOff = record.Ops == RecordOps.None;
                if (record.UnixNs < toNs) Add(grid, record, device);
                if (reader.HasNext || Stopwatch.GetElapsedTime(told) < s_progress) continue;
                told = Stopwatch.GetTimestamp();
                progress(Stopwatch.GetElapsedTime(begin).TotalSeconds, grid.Requests);
            }

            // The device was removed, or its table replaced.
            toNs = Math.Min(toNs, reader.Header.UnixNs + (ulong)Stopwatch.GetElapsedTime(begin).TotalNanoseconds);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            if (ct.IsCancellationRequested) toNs = Math.Min(toNs, reader.Header.UnixNs + (ulong)Stopwatch.GetElapsedTime(begin).TotalNanoseconds);
        }

        return new(grid, toNs, isOff);
    }

    /// <summary>A recorded file.</summary>
    public static async Task<HeatRecording> ReadAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        var reader = await OpenAsync(file, path, ct);
        HeatGrid? grid = null;
        bool isOff = false;
        while (await reader.NextAsync(ct) is { } record)
        {
            if (record.Kind == RecordKind.Filter)
            {
                isOff = record.Ops == RecordOps.None;
                continue;
            }

            grid ??= new HeatGrid(reader.Header.SectorCount, record.UnixNs);
            Add(grid, record, path);
        }

        grid ??= new HeatGrid(reader.Header.SectorCount, reader.Header.UnixNs);
        return new(grid, grid.LastNs, isOff);
    }

    static void Add(HeatGrid grid, in RequestRecord record, string what)
    {
        try
        {
            grid.Add(record);
        }
        catch (InvalidDataException e)
        {
            throw new ControlException(ErrorKind.Failed, $"{what}: {e.Message}; the log is damaged", e);
        }
    }

    static async Task<RequestLogReader> OpenAsync(Stream stream, string what, CancellationToken ct)
    {
        try
        {
            return await RequestLogReader.OpenAsync(stream, ct);
        }
        catch (InvalidDataException e)
        {
            throw new ControlException(ErrorKind.Failed, $"{what}: {e.Message}", e);
        }
    }
}
