using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Ublk.Cli.Arguments;

/// <summary>What to do when a store fills up: <c>--low-space</c> and <c>--overflow</c>.</summary>
static class SpaceArguments
{
    public static Option<IReadOnlyList<int>?> LowSpace() => new("--low-space")
    {
        Description = "Raise an event when a COW store has filled up to these percentages, such as 80,95 (none)",
        HelpName = "LEVELS",
        CustomParser = result => Percents(result),
    };

    /// <summary>In milliseconds; 0: not at all.</summary>
    public static Option<int?> Overflow() => new("--overflow")
    {
        Description = "What a full COW store means: invalidate (the snapshot is given up at once), or hold:TIME, such as hold:500ms or hold:5s: "
            + "writers wait so long for it to be extended first (invalidate)",
        HelpName = "hold:TIME|invalidate",
        CustomParser = result => HoldMs(result),
    };

    static List<int>? Percents(ArgumentResult result)
    {
        List<int> percents = [];
        foreach (string word in result.Tokens[0].Value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int percent))
            {
                percents.Add(percent);
                continue;
            }

            result.AddError($"'{word}' is no percentage; write --low-space 80,95");
            return null;
        }

        return percents;
    }

    static int? HoldMs(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text == "invalidate") return 0;
        int unit = text.EndsWith("ms", StringComparison.Ordinal) ? 1 : 1000;
        if (text.StartsWith("hold:", StringComparison.Ordinal) && text.EndsWith('s')
            && int.TryParse(text.AsSpan()["hold:".Length..^(unit == 1 ? 2 : 1)], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number is > 0 and <= int.MaxValue / 1000)
            return number * unit;
        result.AddError($"'{text}' is not known; write --overflow hold:500ms, hold:5s or invalidate");
        return null;
    }
}
