using System.CommandLine;
using System.CommandLine.Parsing;

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

    /// <summary>What options mean together. Asked also when one of them has no value that can be read: the parser tells that by itself.</summary>
    public static void Check(this Command command, Action<CommandResult> check) => command.Validators.Add(result => Ask(check, result));

    /// <summary>The same of one option.</summary>
    public static void Check(this Option option, Action<OptionResult> check) => option.Validators.Add(result => Ask(check, result));

    static void Ask<T>(Action<T> check, T result)
    {
        try
        {
            check(result);
        }
        catch (InvalidOperationException)
        {
            // From the parser, which has no value to give.
        }
    }

    public static Argument<string> Name(string description = "The device's name") => new("NAME") { Description = description };

    public static Argument<string?> OptionalName(string description) =>
        new("NAME") { Description = description, Arity = ArgumentArity.ZeroOrOne };
}
