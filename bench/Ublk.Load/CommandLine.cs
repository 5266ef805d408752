using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Text.Json;
using Ublk.Cli;
using Ublk.Engine;
using Ublk.Interop;

namespace Ublk.Load;

/// <summary>The command line: what to build, what to issue, and how a mistake in it is told.</summary>
static class CommandLine
{
    const int Failed = 1;
    const int Usage = 2;
    const int Interrupted = 130;    // as a shell says for SIGINT

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var arguments = new LoadArguments();
        ParseResult parsed = Root(arguments).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors is [var first, ..] && parsed.Action is not HelpAction and not HelpWithExamples)
            return await RefuseAsync(error, first.Message.TrimEnd('.'));
        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
    }

    static RootCommand Root(LoadArguments arguments)
    {
        var root = new RootCommand("""
            Puts load on the engine of ublk-dm natively: tables on this machine's io_uring, without ublk.

            Devices are made in the order given, --table last, and exist in this process only. A table names an earlier one as
            /dev/ublk-dm/NAME. Patterns that write overwrite what the tables stand on.
            """);
        arguments.AddTo(root);
        root.SetAction((parsed, ct) => RunAsync(parsed, arguments, ct));
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { } help)
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root.WithExamples(
            "ublk-load --table '0 2097152 zero' --no-latency                what the engine alone costs",
            "ublk-load --table 'linear /var/tmp/file 0' --layers 8",
            "ublk-load --raw /var/tmp/file                                  the same loop without the engine",
            "ublk-load --device a='linear /var/tmp/file 0' --table 'linear /dev/ublk-dm/a 0' --pattern randrw --json");
    }

    static async Task<int> RefuseAsync(TextWriter error, string mistake)
    {
        await error.WriteLineAsync($"error: {mistake}; see ublk-load --help");
        return Usage;
    }

    static async Task<int> RunAsync(ParseResult parsed, LoadArguments arguments, CancellationToken ct)
    {
        (TextWriter output, TextWriter error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        if (arguments.Mistake(parsed) is { } mistake)
            return await RefuseAsync(error, mistake);
        try
        {
            Workload workload = arguments.Workload(parsed);
            Measurement measured = parsed.GetValue(arguments.Raw) is { } file
                ? await LoadRun.OntoFileAsync(file, workload, ct)
                : await LoadRun.IntoStackAsync(arguments.Devices(parsed), parsed.GetValue(arguments.Layers), workload, ct);
            if (parsed.GetValue(arguments.Json))
                await output.WriteLineAsync(JsonSerializer.Serialize(measured, MeasurementJson.Default.Measurement));
            else
                MeasurementText.Write(output, measured);
            return 0;
        }
        catch (Exception e) when (e is LoadException or DmException or UringException)
        {
            await error.WriteLineAsync($"error: {e.Message}");
            return Failed;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return Interrupted;
        }
    }
}
