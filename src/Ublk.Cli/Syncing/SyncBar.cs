using Spectre.Console;

namespace Ublk.Cli.Syncing;

/// <summary>How far mirrors are, as a bar on a terminal.</summary>
static class SyncBar
{
    public static bool IsPossible(TextWriter error) => new AnsiConsoleOutput(error).IsTerminal;

    /// <summary>Shows the bar while something waits.</summary>
    public static Task<T> ShowAsync<T>(TextWriter error, string device, Func<Action<MirrorSync>, Task<T>> wait)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context =>
            {
                var task = context.AddTask(Markup.Escape(device), maxValue: 100);
                return wait(sync =>
                {
                    task.Value = sync.Percent;
                    task.Description = Markup.Escape($"{device} {SyncText.Pace(sync)}".TrimEnd());
                });
            });
    }
}
