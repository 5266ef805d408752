using Ublk.Cli.Output;
using Ublk.Control;

namespace Ublk.Cli.Tracking;

/// <summary>Prints an answer in the form that was asked for; gives the exit code.</summary>
static class ChangesOutput
{
    const int BufferBytes = 1 << 16;

    public static async Task<int> PrintAsync(Session session, ChangesReader changes, bool ranges, bool raw)
    {
        var error = session.Parsed.InvocationConfiguration.Error;
        if (session.Json)
        {
            List<ChangedRange> list = [];
            if (changes.Full is null)
                await foreach (var range in changes.RangesAsync()) list.Add(range);
            session.PrintJson(
                changes.Full is null
                    ? new ChangesReply(null, changes.Since, changes.Until, changes.BlockSectors, changes.SectorCount, list)
                    : new ChangesReply(changes.Full, null, changes.Until, null, null, null),
                TrackJson.Default.ChangesReply);
        }
        else if (changes.Full is null)
        {
            await (raw ? WriteBitmapAsync(changes) : ranges ? WriteRangesAsync(session.Out, changes) : WriteTextAsync(session.Out, changes));
            if ((raw || ranges) && changes.Until is { } until) await error.WriteLineAsync($"until checkpoint {until}");
        }

        if (changes.Full is null) return ExitCode.Ok;
        await error.WriteLineAsync($"must be full: {changes.Full}{(changes.Until is { } checkpoint ? $" (until checkpoint {checkpoint})" : "")}");
        return ExitCode.MustBeFull;
    }

    static async Task WriteRangesAsync(TextWriter output, ChangesReader changes)
    {
        await foreach (var range in changes.RangesAsync(joins: true)) await output.WriteLineAsync($"{range.First} {range.Count}");
    }

    static async Task WriteTextAsync(TextWriter output, ChangesReader changes)
    {
        ulong data = 0, discarded = 0;
        await foreach (var range in changes.RangesAsync())
        {
            await output.WriteLineAsync($"sectors {range.First} to {range.First + range.Count - 1}: {(range.State == "data" ? "written" : "discarded or zeroed")}");
            if (range.State == "data") data += range.Count;
            else discarded += range.Count;
        }

        string end = changes.Until is { } until ? $"checkpoint {until}" : "now";
        await output.WriteLineAsync(
            $"{SizeText.OfSectors(data)} written{(discarded > 0 ? $" and {SizeText.OfSectors(discarded)} discarded or zeroed" : "")} of {SizeText.OfSectors(changes.SectorCount)}, "
            + $"since checkpoint {changes.Since} until {end}");
    }

    /// <summary>A bit for each block, bit i % 8 of byte i / 8, to the end of the device.</summary>
    static async Task WriteBitmapAsync(ChangesReader changes)
    {
        await using var output = Console.OpenStandardOutput();
        byte[] buffer = new byte[BufferBytes];
        ulong blockCount = (changes.SectorCount + changes.BlockSectors - 1) / changes.BlockSectors;
        ulong byteCount = (blockCount + 7) / 8, begin = 0;
        await foreach (var range in changes.RangesAsync(joins: true))
        {
            ulong last = (range.First + range.Count - 1) / changes.BlockSectors;
            for (ulong block = range.First / changes.BlockSectors; block <= last; block++)
            {
                await GoToAsync(block / 8);
                buffer[block / 8 - begin] |= (byte)(1 << (int)(block % 8));
            }
        }

        await GoToAsync(byteCount);
        await output.WriteAsync(buffer.AsMemory(0, (int)(byteCount - begin)));

        async ValueTask GoToAsync(ulong at)
        {
            while (at >= begin + BufferBytes)
            {
                await output.WriteAsync(buffer);
                Array.Clear(buffer);
                begin += BufferBytes;
            }
        }
    }
}
