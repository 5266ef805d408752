using System.CommandLine;

namespace Ublk.Cli.Verbs;

/// <summary>What verbs are made of.</summary>
static class Verb
{
    public static Command New(string name, string description, Func<Session, CancellationToken, Task<int>> run, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else if (symbol is Option option) command.Add(option);
        }

        command.SetAction((parsed, ct) => Session.RunAsync(parsed, run, ct));
        return command;
    }

    public static Argument<string> Name(string description = "The device's name") => new("NAME") { Description = description };

    public static Argument<string?> OptionalName(string description) =>
        new("NAME") { Description = description, Arity = ArgumentArity.ZeroOrOne };
}
