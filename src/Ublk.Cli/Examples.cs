using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Ublk.Cli;

/// <summary>The examples of each command.</summary>
static class Examples
{
    static readonly ConditionalWeakTable<Command, IReadOnlyList<string>> s_examples = [];

    public static T WithExamples<T>(this T command, params string[] lines)
        where T : Command
    {
        s_examples.Add(command, lines);
        return command;
    }

    public static IReadOnlyList<string> Of(Command command) => s_examples.TryGetValue(command, out var lines) ? lines : [];
}
