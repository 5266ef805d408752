using System.CommandLine;
using Ublk.Cli.Output;
using Ublk.Cli.Tracking;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm track</c>.</summary>
static class TrackVerb
{
    const string Target = "track";

    public static Command Command() => new("track", "What changed on a tracked device, for incremental and differential backups.")
    {
        Checkpoint(), Changes(), Take(), Reader(), Readers(), RefreshCommand(),
    };

    static Option<ulong?> SectorOption() => new("--sector") { Description = "A sector of the line that is meant, if several lines of the table are tracked" };

    static Option<bool> RangesOption() => new("--ranges") { Description = "A range a line: FIRST-SECTOR SECTOR-COUNT, ascending, joined" };

    static Option<bool> RawOption() => new("--raw") { Description = "A bit for each block, least significant first, to the end of the device" };

    static Argument<string> ReaderArgument() => new("READER") { Description = "Who reads: a name of its own" };

    static Command Checkpoint()
    {
        var name = Verb.Name();
        var sector = SectorOption();
        return Verb.New("checkpoint", "End the epoch, durably, and print its number. What is written from now on is in the next.", RunAsync, name, sector)
            .WithExamples("sudo ublk-dm track checkpoint d");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string text = await SayAsync(session, name, sector, ct, "checkpoint");
            if (session.Json) session.PrintJson(new CheckpointReply(ulong.Parse(text)), TrackJson.Default.CheckpointReply);
            else await session.Out.WriteLineAsync(text);
            return ExitCode.Ok;
        }
    }

    static Command Changes()
    {
        var name = Verb.Name();
        var since = new Option<ulong>("--since") { Description = "The checkpoint after which", HelpName = "EPOCH", Required = true };
        var until = new Option<ulong?>("--until") { Description = "The checkpoint up to which (now)", HelpName = "EPOCH" };
        (var ranges, var raw, var sector) = (RangesOption(), RawOption(), SectorOption());
        return Verb.New(
            "changes", "What changed after a checkpoint. Exit code 5, and the reason, if that is not known and everything must be copied.",
            RunAsync, name, since, until, ranges, raw, sector)
            .WithExamples("sudo ublk-dm track changes d --since 1795813831123456 --ranges");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string[] words = ["changes", "since", $"{session.Parsed.GetValue(since)}"];
            if (session.Parsed.GetValue(until) is { } end) words = [.. words, "until", $"{end}"];
            return await AskAsync(session, name, sector, words, session.Parsed.GetValue(ranges), session.Parsed.GetValue(raw), ct);
        }
    }

    static Command Take()
    {
        var name = Verb.Name();
        var reader = new Option<string>("--reader") { Description = "Who takes; reader add makes one", HelpName = "READER", Required = true };
        var since = new Option<ulong?>("--since")
        {
            Description = "The last checkpoint that the reader knows of: an answer that was lost is given again; 0: it has nothing",
            HelpName = "EPOCH",
        };
        (var ranges, var raw, var sector) = (RangesOption(), RawOption(), SectorOption());
        return Verb.New(
            "take", "End the epoch and give a reader what changed since its last time, in one step. Exit code 5, and the reason, if everything must be copied.",
            RunAsync, name, reader, since, ranges, raw, sector)
            .WithExamples("sudo ublk-dm track take d --reader nightly --ranges");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string[] words = ["take", session.Parsed.GetRequiredValue(reader)];
            if (session.Parsed.GetValue(since) is { } known) words = [.. words, "since", $"{known}"];
            return await AskAsync(session, name, sector, words, session.Parsed.GetValue(ranges), session.Parsed.GetValue(raw), ct);
        }
    }

    static Command Reader() => new("reader", "Who reads: each keeps a checkpoint of its own.") { AddReader(), RemoveReader() };

    static Command AddReader()
    {
        var name = Verb.Name();
        var reader = ReaderArgument();
        var since = new Option<ulong>("--since") { Description = "It has everything up to this checkpoint (it has nothing)", HelpName = "EPOCH" };
        var sector = SectorOption();
        return Verb.New("add", "A new reader.", RunAsync, name, reader, since, sector).WithExamples("sudo ublk-dm track reader add d nightly");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string who = session.Parsed.GetRequiredValue(reader);
            ulong known = session.Parsed.GetValue(since);
            await SayAsync(session, name, sector, ct, known == 0 ? ["reader", "add", who] : ["reader", "add", who, "since", $"{known}"]);
            return ExitCode.Ok;
        }
    }

    static Command RemoveReader()
    {
        var name = Verb.Name();
        var reader = ReaderArgument();
        var sector = SectorOption();
        return Verb.New("remove", "Forget a reader, and what is kept for it alone.", RunAsync, name, reader, sector).WithExamples("sudo ublk-dm track reader remove d nightly");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            await SayAsync(session, name, sector, ct, "reader", "remove", session.Parsed.GetRequiredValue(reader));
            return ExitCode.Ok;
        }
    }

    static Command Readers()
    {
        var name = Verb.Name();
        var sector = SectorOption();
        return Verb.New("readers", "Who reads, and from which checkpoint on.", RunAsync, name, sector).WithExamples("sudo ublk-dm track readers d");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var readers = ReaderReply.Parse(await SayAsync(session, name, sector, ct, "readers"));
            if (session.Json) session.PrintJson(readers, TrackJson.Default.ReaderReplyArray);
            else
            {
                foreach (var reader in readers)
                    await session.Out.WriteLineAsync($"{reader.Name}: {(reader.Base is { } known ? $"has everything up to checkpoint {known}" : "has taken nothing yet")}");
            }

            return ExitCode.Ok;
        }
    }

    static Command RefreshCommand()
    {
        var name = Verb.Name();
        var to = new Option<string>("--to") { Description = "The copy: a file or device; made if there is none", HelpName = "FILE", Required = true };
        var reader = new Option<string?>("--reader") { Description = "Under which name the copy is remembered (its path)", HelpName = "READER" };
        var sector = SectorOption();
        return Verb.New(
            "refresh", "Copy what changed since the last time into a second copy, also what was written through mmap. Stop the writers first if the copy must be of one moment.",
            RunAsync, name, to, reader, sector)
            .WithExamples("sudo ublk-dm track refresh d --to /backup/d.img");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            ulong at = await TargetLine.SectorAsync(session, device, Target, session.Parsed.GetValue(sector), ct);
            var reply = await new Refresh(session, device, at, session.Parsed.GetRequiredValue(to), session.Parsed.GetValue(reader)).RunAsync(ct);
            if (session.Json) session.PrintJson(reply, TrackJson.Default.RefreshReply);
            else
            {
                await session.Out.WriteLineAsync(
                    $"copied {SizeText.OfSectors(reply.CopiedSectors)}{(reply.Full is null ? "" : $", everything: {reply.Full}")}; up to checkpoint {reply.Checkpoint}");
            }

            return ExitCode.Ok;
        }
    }

    static async Task<int> AskAsync(
        Session session, Argument<string> name, Option<ulong?> sector, string[] words, bool ranges, bool raw, CancellationToken ct)
    {
        string device = session.Parsed.GetRequiredValue(name);
        ulong at = await TargetLine.SectorAsync(session, device, Target, session.Parsed.GetValue(sector), ct);
        using var changes = await ChangesReader.AskAsync(session, device, at, words, ct);
        return await ChangesOutput.PrintAsync(session, changes, ranges, raw);
    }

    static async Task<string> SayAsync(Session session, Argument<string> name, Option<ulong?> sector, CancellationToken ct, params string[] words)
    {
        string device = session.Parsed.GetRequiredValue(name);
        ulong at = await TargetLine.SectorAsync(session, device, Target, session.Parsed.GetValue(sector), ct);
        return (await session.Client.MessageAsync(device, new MessageRequest(words, at), ct)).Reply;
    }
}
