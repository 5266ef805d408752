using System.CommandLine;
using System.CommandLine.Parsing;
using Ublk.Cli.Arguments;

namespace Ublk.Load;

/// <summary>The options, and what they make.</summary>
sealed class LoadArguments
{
    const ulong DefaultBlockBytes = 4096;
    const ulong MostBufferBytes = 1 << 30;
    const double MostSeconds = 86_400;

    static readonly string s_patterns = string.Join(", ", Enum.GetNames<Pattern>()).ToLowerInvariant();

    public Option<string?> Table { get; } = new("--table", "-t")
    {
        Description = "Table of the top device; START and LENGTH may be left out when the target knows its size",
        HelpName = "TEXT",
    };

    public Option<NamedTable[]> Lower { get; } = new("--device", "-d")
    {
        Description = "A device to build on, may be given again",
        HelpName = "NAME=TABLE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseDevices,
    };

    public Option<string?> Raw { get; } = new("--raw") { Description = "Instead of a table: a file or disk, by io_uring alone, to compare with", HelpName = "FILE" };

    public Option<int> Layers { get; } = Number("--layers", "Linear layers above the top device", 0, 0, 64);

    public Option<Pattern> Pattern { get; } = new("--pattern", "-p")
    {
        Description = $"What is issued: {s_patterns} (randread)",
        HelpName = "PATTERN",
        CustomParser = ParsePattern,
    };

    public Option<ulong?> BlockSize { get; } = SizeArgument.Option("--block-size", "Length of each request (4k)", isSectors: true);

    public Option<int> Depth { get; } = Number("--depth", "Requests in flight on each worker", 32, 1, 4096);

    public Option<int> Workers { get; } = Number("--workers", "Threads, each with a ring and a front of its own", 1, 1, 64);

    public Option<double> Seconds { get; } = Time("--seconds", "Length of a round", 2, 0.001);

    public Option<int> Rounds { get; } = Number("--rounds", "Rounds, of which the median counts", 3, 1, 1000);

    public Option<double> WarmUp { get; } = Time("--warm-up", "Seconds before anything counts", 1, 0);

    public Option<ulong?> Size { get; } = SizeArgument.Option("--size", "How much of the device is used, from its start (all)", isSectors: true);

    public Option<ulong> Seed { get; } = new("--seed") { Description = "Of the random blocks", HelpName = "N", DefaultValueFactory = _ => 1 };

    public Option<bool> NoLatency { get; } = new("--no-latency") { Description = "Do not time each request (two looks at the clock)" };

    public Option<bool> Json { get; } = new("--json", "-j") { Description = "Print JSON" };

    public void AddTo(Command command)
    {
        Option[] all =
        [
            Table, Lower, Raw, Layers, Pattern, BlockSize, Depth, Workers, Seconds, Rounds, WarmUp, Size, Seed, NoLatency, Json,
        ];
        Array.ForEach(all, command.Add);
    }

    /// <summary>The devices in the order they are made.</summary>
    public IReadOnlyList<NamedTable> Devices(ParseResult parsed) =>
        [.. parsed.GetValue(Lower) ?? [], .. parsed.GetValue(Table) is { } table ? [new NamedTable("top", table)] : Array.Empty<NamedTable>()];

    public Workload Workload(ParseResult parsed) => new(
        parsed.GetValue(Pattern), (int)(parsed.GetValue(BlockSize) ?? DefaultBlockBytes), parsed.GetValue(Depth), parsed.GetValue(Workers), parsed.GetValue(Size),
        parsed.GetValue(Seed), TimeSpan.FromSeconds(parsed.GetValue(WarmUp)), TimeSpan.FromSeconds(parsed.GetValue(Seconds)), parsed.GetValue(Rounds),
        !parsed.GetValue(NoLatency));

    /// <summary>What does not go together, though each option is right; null: nothing.</summary>
    public string? Mistake(ParseResult parsed)
    {
        bool hasDevices = Devices(parsed).Count > 0;
        if (parsed.GetValue(Raw) is not null && (hasDevices || parsed.GetValue(Layers) > 0))
            return "--raw excludes --table, --device and --layers";
        if (parsed.GetValue(Raw) is null && !hasDevices)
            return "no device; give --table TEXT, --device NAME=TABLE or --raw FILE";
        return (parsed.GetValue(BlockSize) ?? DefaultBlockBytes) * (ulong)parsed.GetValue(Depth) > MostBufferBytes
            ? "--block-size times --depth is more than 1 GiB of buffers"
            : null;
    }

    static Option<int> Number(string name, string description, int usual, int least, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            if (!int.TryParse(result.Tokens[0].Value, out int value) || value < least || value > most)
                result.AddError($"{name} {result.Tokens[0].Value}: not a whole number from {least} to {most}");
            return value;
        },
    };

    static Option<double> Time(string name, string description, double usual, double least) => new(name)
    {
        Description = description,
        HelpName = "SECONDS",
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            if (!double.TryParse(result.Tokens[0].Value, out double value) || !(value >= least && value <= MostSeconds))
                result.AddError($"{name} {result.Tokens[0].Value}: not a number of seconds from {least} to {MostSeconds}");
            return value;
        },
    };

    static Pattern ParsePattern(ArgumentResult result)
    {
        string word = result.Tokens[0].Value;
        if (char.IsAsciiLetter(word.FirstOrDefault()) && Enum.TryParse(word, ignoreCase: true, out Pattern pattern))
            return pattern;
        result.AddError($"--pattern '{word}': is none of {s_patterns}");
        return default;
    }

    static NamedTable[] ParseDevices(ArgumentResult result)
    {
        var devices = new List<NamedTable>();
        foreach (Token token in result.Tokens)
        {
            if (token.Value.Split('=', 2) is [{ Length: > 0 } name, var table])
                devices.Add(new NamedTable(name, table));
            else
                result.AddError($"--device {token.Value}: write NAME=TABLE");
        }
        return [.. devices];
    }
}
