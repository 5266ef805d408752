using System.CommandLine;
using System.Globalization;

namespace Ublk.Cli.Arguments;

/// <summary>Times as people write them: <c>500ms</c>, <c>10s</c>, <c>2m</c>.</summary>
static class TimeArgument
{
    public static Option<int?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            int? ms = Parse(result.Tokens[0].Value);
            if (ms is null) result.AddError($"'{result.Tokens[0].Value}' is not a time; write 500ms, 10s or 2m");
            return ms;
        },
    };

    /// <summary>Milliseconds; null: it is no time.</summary>
    public static int? Parse(string text)
    {
        (string digits, int unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1),
            _ when text.EndsWith('s') => (text[..^1], 1000),
            _ when text.EndsWith('m') => (text[..^1], 60_000),
            _ => ("", 0),
        };
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= int.MaxValue / unit ? number * unit : null;
    }
}
