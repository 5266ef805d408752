using System.CommandLine;
using System.CommandLine.Parsing;
using Ublk.Cli.Verbs;
using Ublk.Interop;

namespace Ublk.Cli.Arguments;

/// <summary>What is wrong with a command line, in the words of its user.</summary>
static class Mistakes
{
    /// <summary>The first mistake, in one line; null: there is none.</summary>
    public static string? In(ParseResult result) => UnknownOption(result) ?? (result.Errors is [var first, ..] ? Explain(result, first) : null);

    /// <summary>
    /// The parser takes a mistyped option for an argument where there is room for one. What stands behind -- is an argument, and so are an
    /// option's value and the words of a message.
    /// </summary>
    static string? UnknownOption(ParseResult result)
    {
        int behindDashes = result.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        var words = result.CommandResult.Children.OfType<ArgumentResult>().Where(argument => argument.Argument.Name != MessageVerb.Word)
            .SelectMany(argument => argument.Tokens).Select(token => token.Value).Concat(result.UnmatchedTokens).SkipLast(behindDashes);
        if (words.FirstOrDefault(word => word is ['-', not (>= '0' and <= '9'), ..]) is not { } wrong) return null;
        return $"{wrong}: no such option of {PathOf(result.CommandResult.Command)}"
            + (NearestWord.To(wrong.Split('=')[0], Options(result.CommandResult.Command)) is { } near
                ? $"; did you mean {near}?" : "; behind -- nothing is taken for an option");
    }

    // "Required command was not provided" is true and helps nobody who mistyped one.
    static string Explain(ParseResult result, ParseError first)
    {
        var command = result.CommandResult.Command;
        return result switch
        {
            _ when command.Subcommands.Count > 0 && result.UnmatchedTokens is [var verb, ..] => $"{verb}: no such command{SuggestVerb(command, verb)}",
            _ when command is RootCommand => "what shall be done? give a command",
            _ when first.SymbolResult is ArgumentResult { Tokens.Count: 0, Argument.Name: var argument } => $"{argument} is missing",
            { CommandResult: { Tokens.Count: 0, Command.Arguments: [var missing, ..] }, UnmatchedTokens.Count: 0 }
                when missing.Arity.MinimumNumberOfValues > 0 => $"{missing.Name} is missing",
            _ when first.Message.StartsWith("Cannot parse argument", StringComparison.Ordinal) => WrongValue(first.SymbolResult) ?? first.Message,
            _ => first.Message,
        };
    }

    static string SuggestVerb(Command command, string verb) =>
        NearestWord.To(verb, command.Subcommands.Select(one => one.Name)) is { } near ? $"; did you mean {near}?" : "";

    /// <summary>A value that the parser could make no number of: it tells that in .NET's words.</summary>
    static string? WrongValue(SymbolResult? symbol)
    {
        var (name, type, token) = symbol switch
        {
            ArgumentResult { Parent: OptionResult option } value => (option.Option.Name, option.Option.ValueType, value.Tokens),
            OptionResult option => (option.Option.Name, option.Option.ValueType, option.Tokens),
            ArgumentResult argument => (argument.Argument.Name, argument.Argument.ValueType, argument.Tokens),
            _ => ("", typeof(string), []),
        };
        if (token is not [var first, ..]) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        string? wanted =
            type == typeof(int) ? $"a whole number up to {int.MaxValue}"
            : type == typeof(uint) ? $"a whole number from 0 to {uint.MaxValue}"
            : type == typeof(ulong) ? "a whole number from 0 on"
            : type == typeof(double) ? "a number"
            : type == typeof(bool) ? "true or false"
            : null;
        return wanted is null ? null : $"{name}: '{first.Value}' is not {wanted}";
    }

    static IEnumerable<string> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive)))
            .SelectMany(option => option.Aliases.Prepend(option.Name));

    /// <summary>As it is typed: <c>ublk-dm snapshot create</c>.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand ? "ublk-dm" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";
}
