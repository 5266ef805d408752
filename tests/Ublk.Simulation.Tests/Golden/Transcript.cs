using System.Text.RegularExpressions;
using Ublk.Engine;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>
/// A part of what a shell wrote down beside the kernel's device-mapper (tests/golden/snapshot-*.txt, mirror-errors.txt): lines of <c>dmsetup table</c> and
/// <c>status</c>, and the first bytes of a store, to be had from ours in the same order. Disks have the kernel's numbers for names.
/// </summary>
sealed partial class Transcript
{
    readonly Queue<string> _expected;

    /// <summary>The part from a title on up to the next, or up to where lines are tried that may be refused.</summary>
    public Transcript(string name, string title) => _expected = new(Lines(name)
        .SkipWhile(line => line != title).Skip(1).TakeWhile(line => !line.StartsWith("==", StringComparison.Ordinal) && !line.StartsWith("# snapshot", StringComparison.Ordinal))
        .Where(line => AnswerPattern().IsMatch(line)));

    /// <summary>All lines of a file.</summary>
    public static string[] Lines(string name) => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "golden", $"{name}.txt"));

    /// <summary>Every answer was had.</summary>
    public void End() => Assert.Empty(_expected);

    /// <summary>The next answer is the device's status with its number of events, and what else the shell put around it.</summary>
    public async Task StatusAsync(MappedDevice device, string before = "", string after = "") =>
        Next($"{before}> {await InfoAsync(device, inactive: false)} ev={device.Info().EventNumber}{after}");

    /// <summary>The next answer is the status without more.</summary>
    public async Task PlainStatusAsync(MappedDevice device, bool inactive) => Next(await InfoAsync(device, inactive));

    /// <summary>The next answer is the table.</summary>
    public void Table(MappedDevice device, bool inactive = false, string before = "") => Next(before + TableOf(device, inactive));

    /// <summary>The next answer is the first 16 bytes of the store.</summary>
    public void Header(SimDisk cow) => Next(" " + string.Join(' ', cow.Content[..16].ToArray().Select(value => $"{value:x2}")));

    /// <summary>A device's table as dmsetup prints it.</summary>
    public static string TableOf(MappedDevice device, bool inactive) => Line(device.Table(inactive)[0]);

    /// <summary>A device's status as dmsetup prints it.</summary>
    public static async Task<string> InfoAsync(MappedDevice device, bool inactive) => Line((await device.StatusAsync(inactive, default))[0]);

    static string Line(LineStatus line) => $"{line.Start} {line.SectorCount} {line.Target} {line.Params}";

    void Next(string actual)
    {
        Assert.NotEmpty(_expected);
        Assert.Equal(_expected.Dequeue(), actual);
    }

    [GeneratedRegex("^([0-9]+: )?> |^ 53 6e 41 70|^([a-z]+: )?0 [0-9]+ (snapshot|mirror)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AnswerPattern();
}
