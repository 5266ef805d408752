using System.CommandLine;
using Ublk.Cli.Replaying;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm replay</c>. It needs no daemon.</summary>
static class ReplayVerb
{
    public static Command Command()
    {
        var log = new Argument<string>("LOG") { Description = "A log of log-writes, ours or the kernel's: the log device, or a copy of it in a file" };
        var to = new Option<string?>("--to") { Description = "What the log is replayed to: a block device that nobody uses, or a file, as it was when the log began", HelpName = "DEV" };
        var limit = new Option<ulong?>("--limit") { Description = "Replay the first N entries", HelpName = "N" };
        var until = new Option<string?>("--until") { Description = "Replay up to the first mark with this text", HelpName = "MARK" };
        var check = new Option<string?>("--check")
        {
            Description = "Run this by /bin/sh after each flush and each FUA write: what a crash may take the device back to. The first exit code that is not 0 ends the replay. "
                + "UBLK_DM_REPLAY_DEV is DEV, UBLK_DM_REPLAY_ENTRY the entry's number, UBLK_DM_REPLAY_FLAGS what it is, UBLK_DM_REPLAY_MARK the last mark. It must not change DEV: work on a copy",
            HelpName = "CMD",
        };
        var list = new Option<bool>("--list") { Description = "Print the entries instead; with -j a JSON object for each, on a line" };
        var command = Verb.New("replay", "Replay a log of log-writes: the writes to a device, in the order in which they became durable.", RunAsync, log, to, limit, until, check, list);
        command.Check(result =>
        {
            bool isList = result.GetValue(list);
            if (isList && (result.GetValue(to) ?? result.GetValue(check)) is not null) result.AddError("--list replays nothing; it excludes --to and --check");
            else if (!isList && result.GetValue(to) is null) result.AddError("say with --to what to replay to, or --list to see the entries");
        });
        return command.WithExamples(
            "ublk-dm replay /dev/sdc --list",
            "sudo ublk-dm replay /dev/sdc --to /dev/sdd --until before-upgrade",
            """sudo ublk-dm replay /dev/sdc --to img --check 'cp --sparse=always img t && e2fsck -fy t >t.log; e2fsck -fn t'      a file system""");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var parsed = session.Parsed;
            string path = parsed.GetRequiredValue(log);
            var range = new ReplayRange(parsed.GetValue(limit), parsed.GetValue(until));
            if (parsed.GetValue(list))
            {
                List(session, path, range, ct);
                return ExitCode.Ok;
            }

            string device = parsed.GetRequiredValue(to)!;
            var runs = parsed.GetValue(check) is { } text ? new ReplayCheck(text, session.Json) : null;
            var reply = await new LogReplay(path, device, range, runs).RunAsync(ct);
            if (session.Json) session.PrintJson(reply, ReplayJson.Default.ReplayReply);
            else session.Out.WriteLine(LogReplay.Text(reply));
            return ExitCode.Ok;
        }
    }

    static void List(Session session, string path, ReplayRange range, CancellationToken ct)
    {
        using var log = DiskFile.ToRead(path);
        var reader = LogReplay.Open(log, path);
        if (!session.Json) session.Out.WriteLine(EntryReply.Heading);
        foreach (var entry in range.Of(reader, path))
        {
            ct.ThrowIfCancellationRequested();
            var reply = EntryReply.Of(entry);
            if (session.Json) session.PrintJson(reply, ReplayJson.Default.EntryReply);
            else session.Out.WriteLine(reply);
        }
    }
}
