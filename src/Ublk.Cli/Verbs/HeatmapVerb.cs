using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Ublk.Cli.Heatmaps;
using Ublk.Control;
using Ublk.Interop;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm heatmap</c>.</summary>
static class HeatmapVerb
{
    const double DefaultSeconds = 10;
    const double MostSeconds = 7 * 24 * 3600;
    const int PipeWidth = 100;
    const int PipeHeight = 43;

    public static Command Command()
    {
        var name = Verb.OptionalName("A device with a reqlog line in its table");
        var output = new Option<string?>("--output", "-o") { Description = "Where the picture goes, as SVG; without it, it is drawn in the terminal", HelpName = "FILE.svg" };
        var seconds = new Option<double?>("--seconds", "-s") { Description = "Record so long (10); Ctrl-C ends it earlier", HelpName = "SECONDS" };
        var file = new Option<string?>("--file") { Description = "Draw a recorded file instead of a device's requests from now on", HelpName = "PATH" };
        var zoom = new Option<bool>("--zoom") { Description = "Only from the first address that is touched to the last, not the whole device" };
        var sector = new Option<ulong?>("--sector") { Description = "A sector of the reqlog that is meant, if several lines of the table are" };
        var command = Verb.New(
            "heatmap",
            "Draw a device's reads and writes over address and time: the more bytes, the darker.",
            RunAsync, name, output, seconds, file, zoom, sector);
        command.Check(result =>
        {
            bool isFile = result.GetValue(file) is not null;
            if (isFile && result.GetResult(seconds) is { Implicit: false }) result.AddError("--file has all that was recorded: --seconds is for devices");
            if (isFile && result.GetResult(sector) is { Implicit: false }) result.AddError("--file is of one reqlog: --sector is for devices");
            if (!isFile && result.GetValue(name) is null) result.AddError("NAME is missing");
            if (result.GetValue(seconds) is { } length && length is not (>= 0.1 and <= MostSeconds)) result.AddError($"--seconds {length}: 0.1 to {MostSeconds}");
        });
        return command.WithExamples(
            "ublk-dm heatmap db -o db.svg",
            "ublk-dm heatmap db --seconds 60 --zoom",
            "ublk-dm heatmap --file /var/log/db.reqlog -o db.svg",
            "ublk-dm heatmap db -j | jq '[.writes.cells[].bytes] | add'");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var parsed = session.Parsed;
            string? device = parsed.GetValue(name), path = parsed.GetValue(file), svg = parsed.GetValue(output);
            if (svg is not null && Path.GetDirectoryName(Path.GetFullPath(svg)) is var folder && !Directory.Exists(folder))
                throw new ControlException(ErrorKind.Failed, $"{svg}: there is no folder {folder}; make it first");
            if (svg is not null) CheckMayBeFile(svg);
            double length = parsed.GetValue(seconds) ?? DefaultSeconds;
            var recording = path is not null
                ? await HeatRecording.ReadAsync(path, ct)
                : await RecordAsync(session, device!, parsed.GetValue(sector), length, ct);
            string title = device ?? path!;
            if (recording.Grid.Requests == 0)
                throw new ControlException(ErrorKind.Failed, $"{title}: no requests were logged{Why(recording, path is not null)}");
            Show(session, title, recording, svg, parsed.GetValue(zoom));
            return ExitCode.Ok;
        }
    }

    static string Why(HeatRecording recording, bool isFile) => recording switch
    {
        { Grid.Lost: > 0 and var lost } => $", and the records of {lost} were lost",
        _ when isFile => "",
        { IsOff: true } => "; recording is off: `ublk-dm message NAME 0 on` turns it on",
        _ => "; was there I/O on the device meanwhile?",
    };

    static void Show(Session session, string title, HeatRecording recording, string? svg, bool zooms)
    {
        if (svg is not null)
            WriteWhole(svg, SvgPicture.Draw(title, HeatCells.Of(recording.Grid, SvgPicture.MostRows, SvgPicture.MostColumns, recording.ToNs, zooms)));
        if (session.Json)
            session.Out.WriteLine(JsonSerializer.Serialize(HeatReply.Of(title, HeatCells.Of(recording.Grid, SvgPicture.MostRows, SvgPicture.MostColumns, recording.ToNs, zooms)), HeatJson.Line.HeatReply));
        else if (svg is not null)
            session.Out.WriteLine($"{svg}: {HeatText.Counts(recording.Grid)}{(HeatText.Lost(recording.Grid) is { } lost ? $"; {lost}" : "")}");
        else
            DrawInTerminal(session, title, recording, zooms);
    }

    static void DrawInTerminal(Session session, string title, HeatRecording recording, bool zooms)
    {
        var console = new AnsiConsoleOutput(session.Out);
        var picture = console.IsTerminal
            ? new TerminalPicture(console.Width, console.Height, IsUtf8(), Environment.GetEnvironmentVariable("NO_COLOR") is null or "")
            : new TerminalPicture(PipeWidth, PipeHeight, IsUtf8: false, HasColor: false);
        session.Out.Write(picture.Draw(title, HeatCells.Of(recording.Grid, picture.Rows, picture.Columns, recording.ToNs, zooms)));
    }

    // As the C library finds it.
    static bool IsUtf8() => new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is { Length: > 0 }) is { } locale
        && locale.Replace("-", "", StringComparison.Ordinal).Contains("utf8", StringComparison.OrdinalIgnoreCase);

    static Task<HeatRecording> RecordAsync(Session session, string device, ulong? sector, double length, CancellationToken ct)
    {
        var error = session.Parsed.InvocationConfiguration.Error;
        if (session.Json || !new AnsiConsoleOutput(error).IsTerminal) return HeatRecording.RecordAsync(session, device, sector, length, (_, _) => { }, ct);
        return ShowProgressAsync();

        async Task<HeatRecording> ShowProgressAsync()
        {
            try
            {
                error.Write($"\r\e[Krecording {device} for {length.ToString(CultureInfo.InvariantCulture)} s; Ctrl-C ends it");
                return await HeatRecording.RecordAsync(
                    session, device, sector, length, (done, requests) => error.Write($"\r\e[Krecording {device}: {done:0} of {length} s, {requests} requests; Ctrl-C ends it"), ct);
            }
            finally
            {
                error.Write("\r\e[K");
            }
        }
    }

    /// <summary>A device node or a folder must not be replaced by a picture.</summary>
    static void CheckMayBeFile(string path)
    {
        using var node = StorageNode.Find(path, out _);
        if (node is not null && (!node.IsStorage || node.IsBlockDevice)) throw new ControlException(ErrorKind.Failed, $"{path}: is no regular file; name another file");
    }

    /// <summary>All of it or nothing.</summary>
    static void WriteWhole(string path, string text)
    {
        CheckMayBeFile(path);
        string part = $"{path}.part";
        File.Delete(part); // what is there may be a link, which must not be followed
        try
        {
            using (var file = new StreamWriter(new FileStream(part, FileMode.CreateNew, FileAccess.Write))) file.Write(text);
            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
