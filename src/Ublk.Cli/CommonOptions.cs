using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli;

/// <summary>What every verb understands.</summary>
static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json", "-j") { Description = "Print JSON", Recursive = true };

    public static Option<string> Socket { get; } = new("--socket")
    {
        Description = "The daemon's control socket",
        HelpName = "PATH",
        Recursive = true,
        DefaultValueFactory = _ => ControlPaths.DefaultSocket,
    };
}
