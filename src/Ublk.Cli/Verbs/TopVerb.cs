using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Ublk.Cli.Output;
using Ublk.Cli.Top;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm top</c>.</summary>
static class TopVerb
{
    // The daemon stops taking times so long after the end of an interval in which nobody asked again.
    const int LeaseSeconds = 10;
    const double MostSeconds = 3000;

    public static Command Command()
    {
        var names = new Argument<string[]>("NAME") { Description = "Devices, each with what is below it; all when left out", Arity = ArgumentArity.ZeroOrMore };
        var interval = new Option<double>("--interval", "-d") { Description = "From one look to the next", HelpName = "SECONDS", DefaultValueFactory = _ => 1 };
        interval.Check(result =>
        {
            if (result.GetValueOrDefault<double>() is >= 0.1 and <= MostSeconds) return;
            result.AddError($"--interval {result.Tokens[0].Value}: 0.1 to {MostSeconds} seconds");
        });
        var count = new Option<int?>("--count", "-n") { Description = "End after so many intervals", HelpName = "N" };
        count.Check(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1) result.AddError($"--count {result.Tokens[0].Value}: 1 or more");
        });
        return Verb.New(
            "top",
            """
            Show what goes through each device and each line of its table: requests and MiB a second, how long they take, how many are inside.

            What stands on other devices of ours comes first, they follow indented. Refreshed in place on a terminal until Ctrl-C; elsewhere one table for each
            interval, with -j one line of JSON. P50 and P99 are latencies that so many percent of the reads and writes did not exceed, to an eighth.
            """,
            RunAsync,
            names, interval, count).WithExamples(
            "ublk-dm top",
            "ublk-dm top snap0 --interval 5",
            "ublk-dm top snap0 --count 1 -j | jq '.devices[0].rates.readsPerSecond'");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var wanted = session.Parsed.GetValue(names) ?? [];
            var pause = TimeSpan.FromSeconds(session.Parsed.GetValue(interval));
            int left = session.Parsed.GetValue(count) ?? int.MaxValue;
            try
            {
                if (!session.Json && new AnsiConsoleOutput(session.Out).IsTerminal) await ShowInPlaceAsync(session, wanted, pause, left, ct);
                else await PrintAsync(session, wanted, pause, left, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // Ctrl-C is how it is ended.
            }

            return ExitCode.Ok;
        }
    }

    static async Task PrintAsync(Session session, string[] names, TimeSpan pause, int count, CancellationToken ct)
    {
        bool isFirst = true;
        await foreach (var sample in SamplesAsync(session, names, pause, count, ct))
        {
            if (session.Json)
            {
                session.Out.WriteLine(JsonSerializer.Serialize(sample, TopJson.Line.TopSample));
            }
            else
            {
                if (!isFirst) session.Out.WriteLine();
                PlainTable.Write(session.Out, TopTable.Of(sample));
            }

            isFirst = false;
            await session.Out.FlushAsync(ct);
        }
    }

    static Task ShowInPlaceAsync(Session session, string[] names, TimeSpan pause, int count, CancellationToken ct)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(session.Out) });
        return console.Live(new Text("...")).StartAsync(async context =>
        {
            context.Refresh();
            await foreach (var sample in SamplesAsync(session, names, pause, count, ct)) context.UpdateTarget(TopTable.Of(sample));
        });
    }

    static async IAsyncEnumerable<TopSample> SamplesAsync(
        Session session, string[] names, TimeSpan pause, int count, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        int watchSeconds = (int)Math.Ceiling(pause.TotalSeconds) + LeaseSeconds;
        var before = await LookAsync();
        for (int i = 0; i < count; i++)
        {
            await Task.Delay(pause, ct);
            var now = await LookAsync();
            yield return TopSample.Between(before, now, names);
            before = now;
        }

        async Task<StatsReply> LookAsync()
        {
            var reply = await session.Client.StatsAsync(watchSeconds, ct);
            return Array.Find(names, name => reply.Devices.All(device => device.Name != name)) is { } missing
                ? throw new ControlException(ErrorKind.NotFound, $"{missing}: no such device; ublk-dm ls shows those there are")
                : reply;
        }
    }
}
