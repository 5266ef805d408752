using System.CommandLine;
using System.CommandLine.Parsing;

namespace Ublk.Cli.Arguments;

/// <summary>Sizes as people write them: <c>10g</c>, <c>512k</c>, <c>2048s</c> (sectors); without a unit, bytes.</summary>
static class SizeArgument
{
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="isSectors">Only whole sectors make sense.</param>
    public static Option<ulong?> Option(string name, string description, bool isSectors = false) => new(name)
    {
        Description = description + "; k, m, g, t for KiB to TiB, s for sectors of 512 bytes",
        HelpName = "SIZE",
        CustomParser = result => Parse(result, isSectors),
    };

    /// <summary>Bytes, or null with the reason.</summary>
    public static ulong? Parse(string text, bool isSectors, out string error)
    {
        error = "";
        ulong unit = text.Length == 0 ? 1 : Unit(text[^1]);
        string digits = unit == 1 ? text : text[..^1];
        if (!ulong.TryParse(digits, System.Globalization.NumberStyles.None, null, out ulong number))
            error = $"'{text}' is not a size; write 10g, 512m, 64k, or 2048s for sectors";
        else if (number == 0)
            error = "a size of 0 makes no sense";
        else if (number > long.MaxValue / unit)
            error = $"'{text}' is too large";
        else if (isSectors && number * unit % 512 != 0)
            error = $"'{text}' is not a whole number of sectors (512 bytes); for {text} sectors write {text}s";
        return error.Length == 0 ? number * unit : null;
    }

    static ulong? Parse(ArgumentResult result, bool isSectors)
    {
        ulong? size = Parse(result.Tokens[0].Value, isSectors, out string error);
        if (size is null) result.AddError(error);
        return size;
    }

    static ulong Unit(char suffix) => char.ToLowerInvariant(suffix) switch
    {
        's' => 512,
        'k' => 1UL << 10,
        'm' => 1UL << 20,
        'g' => 1UL << 30,
        't' => 1UL << 40,
        _ => 1,
    };
}
