using System.CommandLine;
using System.CommandLine.Parsing;
using Ublk.Control;

namespace Ublk.Cli.Arguments;

/// <summary>Snapshots as <c>NAME=ORIGIN[:COW[:OPTION,...]]</c>. A COW that contains a colon (<c>mem:64m</c>) is no trouble: options are known by their names.</summary>
static class CutArgument
{
    const string StoreOption = "store=";
    const string ChunkOption = "chunk=";

    static readonly string[] s_features = ["discard_zeroes_cow", "discard_passdown_origin"];

    public static Argument<CutSnapshot[]> New() => new("NAME=ORIGIN[:COW[:OPTION,...]]")
    {
        Description = "A snapshot NAME of the device ORIGIN. COW: a device, a file that is made, or mem:SIZE (a new file in /var/lib/ublk-dm/cow). "
            + "Options: store=P|PO|N, chunk=SIZE, discard_zeroes_cow, discard_passdown_origin",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Parse(token.Value, result)).OfType<CutSnapshot>()],
    };

    static CutSnapshot? Parse(string text, ArgumentResult result)
    {
        var snapshot = Parse(text, out string error);
        if (snapshot is null) result.AddError($"{text}: {error}");
        return snapshot;
    }

    /// <summary>Null with the reason.</summary>
    public static CutSnapshot? Parse(string text, out string error)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string rest = equals < 0 ? "" : text[(equals + 1)..];
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        string origin = colon < 0 ? rest : rest[..colon];
        if (equals < 1 || origin.Length == 0)
        {
            error = "write NAME=ORIGIN, NAME=ORIGIN:COW or NAME=ORIGIN:COW:OPTION,...; ORIGIN is a device of ublk-dm";
            return null;
        }

        string? cow = colon < 0 ? null : rest[(colon + 1)..];
        string[] options = [];
        if (cow?.LastIndexOf(':') is >= 0 and int last && IsOption(cow[(last + 1)..].Split(',')[0]))
        {
            options = cow[(last + 1)..].Split(',');
            cow = cow[..last];
        }

        var snapshot = new CutSnapshot(text[..equals], origin, string.IsNullOrEmpty(cow) ? null : cow);
        return WithOptions(snapshot, options, out error);
    }

    static CutSnapshot? WithOptions(CutSnapshot snapshot, string[] options, out string error)
    {
        error = "";
        foreach (string option in options)
        {
            if (option.StartsWith(StoreOption, StringComparison.Ordinal))
            {
                snapshot = snapshot with { Store = option[StoreOption.Length..] };
            }
            else if (option.StartsWith(ChunkOption, StringComparison.Ordinal))
            {
                ulong? bytes = SizeArgument.Parse(option[ChunkOption.Length..], isSectors: true, out error);
                if (bytes is null) return null;
                if (bytes.Value / 512 > uint.MaxValue)
                {
                    error = $"'{option}': a chunk is shorter than 2t";
                    return null;
                }

                snapshot = snapshot with { ChunkSectors = (uint)(bytes.Value / 512) };
            }
            else if (s_features.Contains(option))
            {
                snapshot = snapshot with { Features = [.. snapshot.Features ?? [], option] };
            }
            else
            {
                error = $"'{option}' is no option; there are {StoreOption}P|PO|N, {ChunkOption}SIZE, {string.Join(", ", s_features)}";
                return null;
            }
        }

        return snapshot;
    }

    static bool IsOption(string word) =>
        word.StartsWith(StoreOption, StringComparison.Ordinal) || word.StartsWith(ChunkOption, StringComparison.Ordinal) || s_features.Contains(word);
}
