using System.Globalization;
using Ublk.Control;

namespace Ublk.Cli.Mirrors;

/// <summary>What <c>mirror check -j</c> prints, read from the target's report.</summary>
/// <param name="State">running, done, stopped, too-few-legs or none.</param>
/// <param name="RegionsDone">Regions that need not be looked at any more.</param>
/// <param name="Regions">All of them.</param>
/// <param name="NotInSync">Regions not compared, because they are recovered anyhow.</param>
/// <param name="Busy">Regions given up: whenever they were read, somebody wrote.</param>
/// <param name="Unreadable">Regions that a leg could not read.</param>
/// <param name="Repaired">Regions that were copied from the default leg to the others.</param>
/// <param name="NotRepaired">Regions that should have been, and could not be.</param>
/// <param name="DifferentSectors">Sectors in which a leg differed from the default one.</param>
/// <param name="Ranges">Where; the first thousand.</param>
sealed record CheckReply(
    string State, ulong RegionsDone, ulong Regions, ulong NotInSync, ulong Busy, ulong Unreadable, ulong Repaired, ulong NotRepaired, ulong DifferentSectors,
    IReadOnlyList<CheckRange> Ranges)
{
    /// <summary>Nothing is wrong, or nothing is any more.</summary>
    public bool IsGood(bool repairs) => State == "done" && Busy == 0 && NotRepaired == 0 && (repairs || (DifferentSectors == 0 && Unreadable == 0));

    public static CheckReply Parse(string report)
    {
        string[] lines = report.Split('\n');
        if (lines[0].Split(' ') is not [var state, ..] words || words.Length != 9)
            throw new ControlException(ErrorKind.Failed, $"the daemon's report of the check cannot be read: '{lines[0]}'; command and daemon are of different versions");
        ulong[] n = [.. words[1..].Select(Number)];
        return new(state, n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], [.. lines[1..].Select(line => line.Split(' ', 3)).Select(range => new CheckRange(Number(range[0]), Number(range[1]), range[2]))]);
    }

    static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
}
