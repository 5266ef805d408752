using Spectre.Console;

namespace Ublk.Cli.Output;

/// <summary>Columns without lines around them: as wide as the terminal, and never broken when a program reads.</summary>
static class PlainTable
{
    public static Table New(params string[] headings)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (string heading in headings) table.AddColumn(new TableColumn(new Text(heading)) { Padding = new Padding(0, 0, 2, 0) });
        return table;
    }

    // As Text: a name like "[red]" is no markup.
    public static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    public static void Write(TextWriter output, Table table)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected) console.Profile.Width = 10_000;
        console.Write(table);
    }
}
