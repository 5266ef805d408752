using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ublk.Cli.Requests;
using Ublk.Control;
using Ublk.Formats.Requests;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm log</c>.</summary>
static class LogVerb
{
    const int MostPending = 64 << 10;

    /// <summary>EPIPE; .NET gives an IOException the errno.</summary>
    const int BrokenPipe = 32;

    public static Command Command()
    {
        var name = Verb.OptionalName("A device with a reqlog line in its table");
        var follow = new Option<bool>("--follow", "-f") { Description = "Print what comes from now on, until the device is gone or its table replaced; otherwise the last requests, and end" };
        var op = new Option<RecordOps?>("--op")
        {
            Description = $"Only these operations: {OpLetters.Syntax} (read, write, flush, discard, write-zeroes)",
            HelpName = "LETTERS",
            CustomParser = ParseOps,
        };
        var range = new Option<(ulong First, ulong Count)?>("--range")
        {
            Description = "Only requests that touch these sectors (flushes always do)",
            HelpName = "FIRST+COUNT",
            CustomParser = ParseRange,
        };
        var overflow = new Option<string?>("--overflow") { Description = "dirty: of writes whose records are lost, tell the range that may have changed", HelpName = "dirty" };
        var classic = new Option<bool>("--classic") { Description = "Print `rw block size` for a program that copies the device: r or w, first sector, bytes. Lost writes are one write over all of them" };
        var sector = new Option<ulong?>("--sector") { Description = "A sector of the reqlog that is meant, if several lines of the table are" };
        var file = new Option<string?>("--file") { Description = "Print a recorded file instead of asking a device", HelpName = "PATH" };
        overflow.AcceptOnlyFromAmong("dirty");
        var command = Verb.New(
            "log",
            "Print the requests of a device: time, number, operation, first sector and number of sectors, latency, flags, error. Who reads too slowly is told how much is lost; I/O never waits.",
            RunAsync, name, follow, op, range, overflow, classic, sector, file);
        command.Check(result =>
        {
            bool isFile = result.GetValue(file) is not null;
            if (isFile == result.GetValue(name) is not null) result.AddError(isFile ? "NAME and --file exclude each other" : "NAME is missing");
            if (isFile && (result.GetValue(follow) || result.GetValue(sector) is not null || result.GetValue(overflow) is not null))
                result.AddError("--file has what was recorded: --follow, --sector and --overflow are for devices");
            if (result.GetValue(classic) && result.GetValue(CommonOptions.Json)) result.AddError("--classic and --json exclude each other");
        });
        return command.WithExamples(
            "ublk-dm log db --follow",
            "ublk-dm log db --follow --op wdz --range 0+2048 -j",
            "ublk-dm log db --follow --classic | copy-changes                     a pipe to a program that migrates the device",
            "ublk-dm log --file /var/log/db.reqlog --op f");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var parsed = session.Parsed;
            bool isClassic = parsed.GetValue(classic);
            var ops = parsed.GetValue(op);
            bool mayBeDirty = ops is null || (ops & RecordOps.Changing) == RecordOps.Changing;
            var filter = new RecordFilter(ops, parsed.GetValue(range), parsed.GetValue(overflow) is not null || (isClassic && mayBeDirty));
            Action<StringBuilder, RequestRecord> print = isClassic ? (text, record) => ClassicLine.Append(text, record)
                : session.Json ? (text, record) => text.Append(JsonSerializer.Serialize(RecordReply.Of(record), RecordJson.Default.RecordReply)).Append('\n')
                : (text, record) => RecordText.Append(text, record);
            if (parsed.GetValue(file) is { } path)
            {
                await using var recorded = File.OpenRead(path);
                return await PrintFileAsync(session, path, recorded, filter, print, ct);
            }
            string device = parsed.GetValue(name)!;
            ulong at = await TargetLine.SectorAsync(session, device, "reqlog", parsed.GetValue(sector), ct);
            await using var stream = await session.Client.StreamAsync(device, new MessageRequest(filter.Words(parsed.GetValue(follow)), at), ct);
            var reader = await OpenAsync(stream, device, ct);
            await PrintAsync(session, reader, print, record =>
            {
                if (record is { Kind: RecordKind.Filter, Ops: RecordOps.None })
                    session.Parsed.InvocationConfiguration.Error.WriteLine($"{device}: recording is off; turn it on: ublk-dm message {device} {at} on");
                return true;
            }, ct);
            return ExitCode.Ok;
        }
    }

    static async Task<int> PrintFileAsync(
        Session session, string path, Stream recorded, RecordFilter filter, Action<StringBuilder, RequestRecord> print, CancellationToken ct)
    {
        var reader = await OpenAsync(recorded, path, ct);
        await PrintAsync(session, reader, print, record => filter.Passes(record), ct);
        if (reader.TornBytes > 0)
            await session.Parsed.InvocationConfiguration.Error.WriteLineAsync($"{path}: the last {reader.TornBytes} bytes are no record; the writer was cut off there, or is not done");
        return ExitCode.Ok;
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

    /// <summary>Many records at once when there are many, each at once when they trickle.</summary>
    static async Task PrintAsync(Session session, RequestLogReader reader, Action<StringBuilder, RequestRecord> print, Func<RequestRecord, bool> passes, CancellationToken ct)
    {
        var output = OutputStream.Of(session.Out);
        var text = new StringBuilder();
        try
        {
            while (await reader.NextAsync(ct) is { } record)
            {
                if (passes(record)) print(text, record);
                if (text.Length == 0 || (reader.HasNext && text.Length < MostPending)) continue;
                await output.WriteAsync(text, ct);
                text.Clear();
            }
            await output.WriteAsync(text, ct);
            await output.FlushAsync(ct);
        }
        catch (IOException e) when (output != session.Out && e.HResult == BrokenPipe)
        {
            // Whoever read the pipe has seen enough.
        }
    }

    static RecordOps? ParseOps(ArgumentResult result)
    {
        if (OpLetters.TryParse(result.Tokens[0].Value, out var ops)) return ops;
        result.AddError($"'{result.Tokens[0].Value}' must be {OpLetters.Syntax}: read, write, flush, discard, write-zeroes");
        return null;
    }

    static (ulong First, ulong Count)? ParseRange(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text.Split('+') is [var first, var count] && TryNumber(first, out ulong from) && TryNumber(count, out ulong sectors) && sectors > 0 && sectors <= ulong.MaxValue - from)
            return (from, sectors);
        result.AddError($"'{text}' is no range; write FIRST+COUNT in sectors, such as 2048+8");
        return null;
    }

    static bool TryNumber(string text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
