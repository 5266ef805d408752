using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Text.Json;
using Ublk.Cli.Arguments;
using Ublk.Cli.Verbs;
using Ublk.Control;

namespace Ublk.Cli;

/// <summary>The command line as a whole: verbs, what they share, and how a mistake in it is told.</summary>
static class CommandLine
{
    // After an interrupt: a verb that has suspended a device resumes it first.
    static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var root = Root();

        // A message may begin with '@' (@stats_list): no response files.
        var result = root.Parse([.. args.Select(SnapshotVerb.Spell)], new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Action is not HelpAction and not HelpWithExamples && Mistakes.In(result) is { } mistake)
        {
            bool json = result.Tokens.Any(token => token is { Type: TokenType.Option, Value: "-j" or "--json" });
            await WriteErrorAsync(error, mistake, ErrorKind.Usage, json);
            if (!json) await error.WriteLineAsync($"See: {Mistakes.PathOf(result.CommandResult.Command)} --help");
            return ExitCode.Usage;
        }

        return await result.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_endLimit });
    }

    public static RootCommand Root()
    {
        var root = new RootCommand("""
            Device-mapper in userspace: makes block devices out of tables, without a kernel module of its own.

            A table has a line for each piece of the device: START LENGTH TARGET ARGUMENTS, in sectors of 512 bytes. START and LENGTH
            may be left out when the target knows its size. `ublk-dm targets` shows the targets and their arguments.
            """)
        {
            CreateVerb.Command(),
            RemoveVerb.Command(),
            LoadVerb.Command(),
            SuspendVerb.Command(),
            ResumeVerb.Command(),
            ClearVerb.Command(),
            SnapshotVerb.Command(),
            MirrorVerb.Command(),
            TrackVerb.Command(),
            LogVerb.Command(),
            MessageVerb.Command(),
            ReplayVerb.Command(),
            WaitVerb.Command(),
            LsVerb.Command(),
            TableVerb.Command(),
            StatusVerb.Command(),
            InfoVerb.Command(),
            TopVerb.Command(),
            HeatmapVerb.Command(),
            TargetsVerb.Command(),
            VersionVerb.Command(),
            DoctorVerb.Command(),
            ShutdownVerb.Command(),
        };
        root.Add(CommonOptions.Json);
        root.Add(CommonOptions.Socket);

        // `version` is a verb, and prints the daemon's too.
        if (root.Options.OfType<VersionOption>().FirstOrDefault() is { } version) root.Options.Remove(version);
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { } help) help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.WithExamples(
            "sudo ublk-dm create snap0 --table 'snapshot /dev/sdb /var/cow'",
            "sudo ublk-dm create scratch --table '0 2097152 zero'",
            "ublk-dm status snap0",
            "sudo ublk-dm remove snap0");
        return root;
    }

    /// <summary>One line for a person, or one of JSON.</summary>
    public static Task WriteErrorAsync(TextWriter error, string message, ErrorKind kind, bool json) =>
        error.WriteLineAsync(json ? JsonSerializer.Serialize(new ErrorReply(message, kind), ControlJson.Wire.ErrorReply) : $"error: {message}");
}
