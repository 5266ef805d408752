using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ublk.Host.Api;

/// <summary>What is wrong with a body, without the words of .NET.</summary>
static partial class BodyMistake
{
    public static string Explain(JsonException e)
    {
        string member = e.Path?.TrimStart('$').TrimStart('.') ?? "";
        if (Unknown().Match(e.Message) is { Success: true } unknown)
            return $"there is no member '{unknown.Groups["name"].Value}'";
        if (Missing().Match(e.Message) is { Success: true } missing)
            return $"{missing.Groups["names"].Value} is missing";
        if (WrongType().Match(e.Message) is { Success: true } wrong)
            return $"{(member.Length == 0 ? "the whole" : $"'{member}'")} must be {Wanted(e.InnerException?.Message ?? "", wrong.Groups["type"].Value)}";
        if (Null().Match(e.Message) is { Success: true } empty)
            return $"'{JsonNamingPolicy.CamelCase.ConvertName(empty.Groups["name"].Value)}' must not be null";
        return $"is no JSON; see line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
    }

    // Of a member that is one value, the type is that of the whole, and the inner exception has the member's.
    static string Wanted(string inner, string type) =>
        Plain().Match(inner) is { Success: true } plain ? $"a {plain.Groups["what"].Value}"
        : Bounds().Match(inner) is { Success: true } bounds ? Wanted(bounds.Groups["type"].Value)
        : Wanted(type);

    static string Wanted(string type) =>
        type.Contains("[]", StringComparison.Ordinal) || type.Contains("List", StringComparison.Ordinal) ? "a list"
        : type.Contains("Int", StringComparison.Ordinal) ? $"a whole number{(type.Contains("UInt", StringComparison.Ordinal) ? " from 0 on" : "")}"
        : type.Contains("Double", StringComparison.Ordinal) ? "a number"
        : type.Contains("Boolean", StringComparison.Ordinal) ? "true or false"
        : type.Contains("String", StringComparison.Ordinal) ? "a string"
        : "an object with members";

    [GeneratedRegex("^The JSON property '(?<name>[^']*)' could not be mapped")]
    private static partial Regex Unknown();

    [GeneratedRegex("missing required properties.*?: (?<names>'[^.]*')")]
    private static partial Regex Missing();

    [GeneratedRegex("as an? (?<what>[a-z]+)")]
    private static partial Regex Plain();

    [GeneratedRegex("out of bounds for an? (?<type>[A-Za-z0-9]+)")]
    private static partial Regex Bounds();

    [GeneratedRegex("'(?<name>[^']*)' on type .* (doesn't|does not) allow")]
    private static partial Regex Null();

    [GeneratedRegex("could not be converted to (?<type>\\S+)\\. ")]
    private static partial Regex WrongType();
}
