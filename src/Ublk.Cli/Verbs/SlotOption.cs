using System.CommandLine;

namespace Ublk.Cli.Verbs;

/// <summary>Which of a device's two tables is meant.</summary>
static class SlotOption
{
    public static Option<bool> New() => new("--inactive") { Description = "Of the table that was loaded and is not live yet" };
}
