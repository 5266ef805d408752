using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli.Arguments;

/// <summary>A table and what goes with it, for the two verbs that take one.</summary>
sealed class TableArguments
{
    public Argument<string?> File { get; } = new("FILE")
    {
        Description = "File with the table, one line for each piece; '-' or nothing: stdin. '#' begins a comment",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<string?> Text { get; } = new("--table") { Description = "The table itself", HelpName = "TEXT" };

    public Option<bool> ReadOnly { get; } = new("--readonly", "-r") { Description = "The device refuses writes" };

    public Option<bool> Force { get; } = new("--force", "-f")
    {
        Description = "Skip the checks that protect from a slip: a COW store that holds something else is overwritten",
    };

    public Option<ulong?> CowSize { get; } = SizeArgument.Option("--cow-size", "Size of a COW file that has to be made, the limit to which it grows (enough for a copy of everything)", isSectors: true);

    public Option<IReadOnlyList<int>?> LowSpace { get; } = SpaceArguments.LowSpace();

    public Option<int?> Overflow { get; } = SpaceArguments.Overflow();

    /// <summary>The table's text, wherever the user put it.</summary>
    public async Task<string> ReadAsync(ParseResult parsed, CancellationToken ct)
    {
        string? text = parsed.GetValue(Text);
        string? file = parsed.GetValue(File);
        if (text is not null)
            return file is null ? text : throw new ControlException(ErrorKind.Usage, $"--table and the file {file} exclude each other");
        if (file is null or "-") return await StdinAsync(ct);

        try
        {
            return await System.IO.File.ReadAllTextAsync(file, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message;
            throw new ControlException(ErrorKind.Failed, $"table file {file}: {why}", e);
        }
    }

    // A person who forgot the table should read that, not look at a cursor.
    static async Task<string> StdinAsync(CancellationToken ct) =>
        Console.IsInputRedirected
            ? await Console.In.ReadToEndAsync(ct)
            : throw new ControlException(ErrorKind.Usage, "no table; give it with --table TEXT, as a file, or on stdin");
}
