using System.CommandLine;
using Ublk.Cli.Arguments;
using Ublk.Cli.Output;
using Ublk.Cli.Starting;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm create</c>.</summary>
static class CreateVerb
{
    public static Command Command()
    {
        var name = Verb.Name("Its name; the device becomes /dev/ublk-dm/NAME");
        var table = new TableArguments();
        var uuid = new Option<string?>("--uuid", "-u") { Description = "An identifier that never changes", HelpName = "UUID" };
        var noTable = new Option<bool>("--notable", "-n") { Description = "Without a table; load and resume it later" };
        var queues = new Option<int?>("--queues") { Description = "Hardware queues (one for each CPU, at most 4)", HelpName = "N" };
        var depth = new Option<int?>("--depth") { Description = "Requests in flight in each queue (128)", HelpName = "N" };
        var maxIo = SizeArgument.Option("--max-io", "Longest request (512k)");
        var mode = new Option<string?>("--mode")
        {
            Description = "How bytes travel: zero-copy (Linux 6.16), user-copy (6.5), copy, or auto, the best for the table",
            HelpName = "MODE",
        };
        mode.AcceptOnlyFromAmong("auto", "copy", "user-copy", "zero-copy");
        var spread = new Option<int?>("--spread") { Description = "Workers that share the requests of each queue (1; more needs Linux 6.16)", HelpName = "N" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Print each step and how long it took" };
        var command = Verb.New(
            "create",
            "Make a device: load its table and start it. Nothing is left behind if that fails. Partitions on it appear (Linux 7.0 and later) after `blockdev --rereadpt /dev/ublk-dm/NAME`.",
            RunAsync,
            [name, table.File, table.Text, uuid, table.ReadOnly, noTable, table.Force, table.CowSize, table.LowSpace, table.Overflow, queues, depth, maxIo, mode, spread, verbose]);
        command.Check(result =>
        {
            if (result.GetValue(maxIo) > int.MaxValue) result.AddError("--max-io: a request is shorter than 2g");
            if (result.GetValue(noTable) && (result.GetValue(table.Text) is not null || result.GetValue(table.File) is not null))
                result.AddError("--notable and a table exclude each other");
        });
        return command.WithExamples(
            "sudo ublk-dm create snap0 --table 'snapshot /dev/sdb /var/cow'       a snapshot; the COW file is made",
            "sudo ublk-dm create snap0 --table 'snapshot /dev/sdb /var/cow' --cow-size 10g",
            "sudo ublk-dm create snap0 --table 'snapshot /dev/sdb mem:1g'            changes in memory, discarded with the device",
            "sudo ublk-dm create snap0 --table 'snapshot /dev/sdb /var/cow+/dev/sdd1+mem:64m'   a pool: what does not fit spills to the next",
            "sudo ublk-dm create snap0 --table 'snapshot /dev/sdb /var/cow' --low-space 80,95 --overflow hold:5s",
            "sudo ublk-dm create both --table $'0 1000 linear /dev/sdb 0\\n1000 500 linear /dev/sdc 0'",
            "sudo ublk-dm create data table.txt                                   the table from a file",
            "echo '0 2048 zero' | sudo ublk-dm create z                           or from stdin");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var parsed = session.Parsed;
            string? text = parsed.GetValue(noTable) ? null : await table.ReadAsync(parsed, ct);
            var request = new CreateRequest(
                parsed.GetRequiredValue(name),
                text,
                parsed.GetValue(uuid),
                parsed.GetValue(table.ReadOnly),
                parsed.GetValue(table.Force),
                parsed.GetValue(table.CowSize) / 512,
                parsed.GetValue(queues),
                parsed.GetValue(depth),
                (int?)parsed.GetValue(maxIo),
                parsed.GetValue(mode),
                parsed.GetValue(spread),
                parsed.GetValue(table.LowSpace),
                parsed.GetValue(table.Overflow));

            await DaemonStart.EnsureAsync(session, ct);
            var reply = await session.Client.CreateAsync(request, ct);
            if (session.Json)
            {
                session.PrintJson(reply, ControlJson.Indented.CreatedReply);
                return ExitCode.Ok;
            }

            if (parsed.GetValue(verbose)) StepText.Write(session.Out, reply.Steps, reply.TotalMs);
            session.Out.WriteLine(DeviceText.OneLine(reply.Device));
            return ExitCode.Ok;
        }
    }
}
