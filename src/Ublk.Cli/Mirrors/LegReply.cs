using System.Globalization;
using Ublk.Control;

namespace Ublk.Cli.Mirrors;

/// <summary>A leg of a mirror, as the target tells it.</summary>
/// <param name="Number">Its place, from 0.</param>
/// <param name="Word">Its device as tables print it.</param>
/// <param name="Name">Its device as it was named; there may be nothing of that name any more.</param>
sealed record LegReply(int Number, string Word, string Name)
{
    public static LegReply[] Parse(string text) =>
        [.. text.Split('\n').Select(line => line.Split('\t')).Select(words => new LegReply(int.Parse(words[0], CultureInfo.InvariantCulture), words[1], words[2]))];

    /// <summary>The leg that somebody means: by its device, as it is called now or as it was named, or by its number.</summary>
    public static LegReply Find(LegReply[] legs, string device, string meant)
    {
        string path = LegName.New(meant), word = LegName.Of(meant);
        LegReply[] found = [.. legs.Where(leg => leg.Word == word || leg.Word == path || leg.Name == path)];
        if (found.Length == 0) found = [.. legs.Where(leg => leg.Number.ToString(CultureInfo.InvariantCulture) == meant)];
        return found switch
        {
            [var one] => one,
            [] => throw new ControlException(ErrorKind.Failed, $"{device}: '{meant}' is no leg; there are {List(legs)}"),
            _ when found.Select(leg => leg.Word).Distinct().Count() == 1 => throw new ControlException(
                ErrorKind.Failed, $"{device}: '{meant}' is the device of several legs; say its number: {List(found)}"),
            _ => throw new ControlException(ErrorKind.Failed, $"{device}: '{meant}' was the name of one leg, and leads to another now; say the number: {List(found)}"),
        };
    }

    static string List(IEnumerable<LegReply> legs) => string.Join(", ", legs.Select(leg => $"{leg.Number}: {leg.Name}"));
}
