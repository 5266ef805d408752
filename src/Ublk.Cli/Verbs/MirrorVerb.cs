using System.CommandLine;
using Ublk.Cli.Mirrors;
using Ublk.Cli.Syncing;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm mirror</c>.</summary>
static class MirrorVerb
{
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    public static Command Command() => new("mirror", "Legs of a mirror in use: one more, one less, another one, and whether they are alike.") { Add(), Remove(), Replace(), Check() };

    static Option<ulong?> SectorOption() => new("--sector") { Description = "A sector of the mirror that is meant, if several lines of the table are mirrors" };

    static Option<bool> NoWaitOption() => new("--no-wait") { Description = "Do not wait until the new leg has everything" };

    static Argument<ulong> FirstOption() => new("FIRST") { Description = "Its first sector there (0)", DefaultValueFactory = _ => 0 };

    static Command Add()
    {
        var name = Verb.Name();
        var leg = new Argument<string>("DEVICE") { Description = "What the new leg is on" };
        var first = FirstOption();
        var sector = SectorOption();
        var noWait = NoWaitOption();
        return Verb.New("add", "One more leg. It is filled while all others stay in sync, and then is one of them.", RunAsync, name, leg, first, sector, noWait)
            .WithExamples("sudo ublk-dm mirror add m /dev/sdd");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            string[] plan = ["add", LegName.New(session.Parsed.GetRequiredValue(leg)), $"{session.Parsed.GetValue(first)}"];
            await LegChange.RunAsync(session, device, session.Parsed.GetValue(sector), plan, ct);
            return await EndAsync(session, device, !session.Parsed.GetValue(noWait), ct);
        }
    }

    static Command Remove()
    {
        var name = Verb.Name();
        var leg = new Argument<string>("LEG") { Description = "A leg: its device, or its number in `status`" };
        var sector = SectorOption();
        return Verb.New("remove", "One leg less. Of the last two one stays as a linear device.", RunAsync, name, leg, sector)
            .WithExamples("sudo ublk-dm mirror remove m /dev/sdc");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            ulong? which = session.Parsed.GetValue(sector);
            var gone = await FindLegAsync(session, device, which, session.Parsed.GetRequiredValue(leg), ct);
            await LegChange.RunAsync(session, device, which, ["remove", gone.Word], ct);
            return await EndAsync(session, device, waits: false, ct);
        }
    }

    static Command Replace()
    {
        var name = Verb.Name();
        var leg = new Argument<string>("LEG") { Description = "The leg that goes: its device, or its number in `status`" };
        var next = new Argument<string>("DEVICE") { Description = "What comes instead" };
        var first = FirstOption();
        var sector = SectorOption();
        var noWait = NoWaitOption();
        return Verb.New(
            "replace",
            "Another leg for one. A leg without errors stays until the new one has everything; one that failed goes at once, and writes that wait go on.",
            RunAsync, name, leg, next, first, sector, noWait)
            .WithExamples("sudo ublk-dm mirror replace m /dev/sdc /dev/sdd");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            string[] added = [LegName.New(session.Parsed.GetRequiredValue(next)), $"{session.Parsed.GetValue(first)}"];
            ulong? which = session.Parsed.GetValue(sector);
            bool waits = !session.Parsed.GetValue(noWait);

            // By its device from here on: numbers may change.
            var old = await FindLegAsync(session, device, which, session.Parsed.GetRequiredValue(leg), ct);
            if (!waits || !await IsAliveAsync(session, device, which, old, ct))
            {
                await LegChange.RunAsync(session, device, which, ["replace", old.Word, .. added], ct);
                return await EndAsync(session, device, waits, ct);
            }

            await LegChange.RunAsync(session, device, which, ["add", .. added], ct);
            await SyncWait.ShowAsync(session, device, ct);
            await LegChange.RunAsync(session, device, which, ["remove", old.Word], ct);
            return await EndAsync(session, device, waits: false, ct);
        }
    }

    static Command Check()
    {
        var name = Verb.Name();
        var repair = new Option<bool>("--repair") { Description = "Copy what differs from the default leg to the others" };
        var sector = SectorOption();
        return Verb.New(
            "check",
            "Read all legs and compare them, while the mirror is in use. Exit code 1 if they differ. What somebody writes at that moment is looked at later.",
            RunAsync, name, repair, sector)
            .WithExamples("sudo ublk-dm mirror check m", "sudo ublk-dm mirror check m --repair");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            bool repairs = session.Parsed.GetValue(repair);
            var line = await MirrorLine.FindAsync(session, device, session.Parsed.GetValue(sector), ct);
            await SayAsync(session, device, line, ct, repairs ? ["check", "repair"] : ["check"]);
            var error = session.Parsed.InvocationConfiguration.Error;
            var reply = session.Json || !SyncBar.IsPossible(error)
                ? await UntilDoneAsync(session, device, line, _ => { }, ct)
                : await SyncBar.ShowAsync(error, device, report => UntilDoneAsync(session, device, line, report, ct));
            if (session.Json) session.PrintJson(reply, CheckJson.Default.CheckReply);
            else Print(session.Out, device, reply, repairs);
            return reply.IsGood(repairs) ? ExitCode.Ok : ExitCode.Failed;
        }
    }

    static async Task<CheckReply> UntilDoneAsync(Session session, string device, MirrorLine line, Action<MirrorSync> report, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var reply = CheckReply.Parse(await SayAsync(session, device, line, ct, "check", "report"));
                report(new(false, 100.0 * reply.RegionsDone / Math.Max(reply.Regions, 1), 0, null, null));
                if (reply.State != "running") return reply;
                await Task.Delay(s_pause, ct);
            }
        }
        catch (OperationCanceledException)
        {
            await SayAsync(session, device, line, CancellationToken.None, "check", "stop");
            throw;
        }
    }

    static void Print(TextWriter output, string device, CheckReply reply, bool repairs)
    {
        foreach (var range in reply.Ranges)
            output.WriteLine($"{device}: sectors {range.Sector} to {range.Sector + range.SectorCount - 1} differ on {range.Leg}");
        string found = reply.DifferentSectors == 0 ? "the legs are alike" : $"{reply.DifferentSectors} sectors differ";
        string rest = string.Concat(
            reply.Unreadable == 0 ? "" : $", {reply.Unreadable} regions could not be read on every leg",
            reply.NotInSync == 0 ? "" : $", {reply.NotInSync} regions were not in sync and not compared",
            reply.Busy == 0 ? "" : $", {reply.Busy} regions were written whenever they were read; check again with less load",
            reply.Repaired == 0 ? "" : $", {reply.Repaired} regions were copied from the default leg to the others",
            reply.NotRepaired == 0 ? "" : $", {reply.NotRepaired} regions could not be copied; see `ublk-dm status {device}`",
            reply.State == "done" ? "" : reply.State == "too-few-legs" ? ", then fewer than two legs were without errors" : ", then it was stopped",
            reply.DifferentSectors > 0 && !repairs ? "; --repair copies what differs from the default leg to the others" : "");
        output.WriteLine($"{device}: {found}{rest}");
    }

    static async Task<string> SayAsync(Session session, string device, MirrorLine line, CancellationToken ct, params string[] words) =>
        (await session.Client.MessageAsync(device, new MessageRequest(words, line.Sector), ct)).Reply;

    static async Task<LegReply> FindLegAsync(Session session, string device, ulong? sector, string meant, CancellationToken ct)
    {
        var line = await MirrorLine.FindAsync(session, device, sector, ct);
        var legs = LegReply.Parse(await SayAsync(session, device, line, ct, "legs"));
        var leg = LegReply.Find(legs, device, meant);
        return legs.Count(one => one.Word == leg.Word) == 1 ? leg : leg with { Word = $"{leg.Number}" };
    }

    static async Task<bool> IsAliveAsync(Session session, string device, ulong? sector, LegReply leg, CancellationToken ct)
    {
        ulong at = (await MirrorLine.FindAsync(session, device, sector, ct)).Sector;
        var status = await session.Client.StatusAsync(device, inactive: false, ct);
        return status.First(line => line.Start == at).Fields!.First(field => field.Name == $"leg {leg.Number}").Value == 0;
    }

    static async Task<int> EndAsync(Session session, string device, bool waits, CancellationToken ct)
    {
        if (waits) await SyncWait.ShowAsync(session, device, ct);
        var table = await session.Client.TableAsync(device, inactive: false, ct);
        if (session.Json) session.PrintJson(table, ControlJson.Indented.LineReplyArray);
        else foreach (var line in table) session.Out.WriteLine(line.ToDmLine());
        return ExitCode.Ok;
    }
}
