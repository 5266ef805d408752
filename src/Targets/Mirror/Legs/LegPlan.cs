using System.Globalization;

namespace Ublk.Targets.Mirror;

/// <summary>
/// The table line with which a leg comes or goes while the mirror is in use. Full legs stand first, the default one before all others; new ones
/// are filled; and what is known of the regions is adopted, so that nothing is copied to legs that have it.
/// </summary>
/// <param name="legs">The legs of now.</param>
/// <param name="log">Their log.</param>
/// <param name="features">Their features.</param>
/// <param name="words">What is wanted; errors name its words.</param>
sealed class LegPlan(LegSet legs, IDirtyLog log, MirrorFeatures features, string[] words)
{
    public const string Syntax = "plan keep | plan add <device> [<first sector>] | plan remove <leg> | plan replace <leg> <device> [<first sector>]";

    /// <summary>Type and arguments of the line.</summary>
    /// <exception cref="TableException">It cannot be.</exception>
    public string Line() => words.AsSpan(1) switch
    {
        ["keep"] => Build(null, null),
        ["add", var device] => Build(null, $"{device} 0"),
        ["add", var device, var first] => Build(null, $"{device} {Number(3, first)}"),
        ["remove", var leg] => Build(Find(2, leg), null),
        ["replace", var leg, var device] => Build(Find(2, leg), $"{device} 0"),
        ["replace", var leg, var device, var first] => Build(Find(2, leg), $"{device} {Number(4, first)}"),
        _ => throw new TableException(2, $"there are {Syntax}"),
    };

    string Build(Leg? gone, string? added)
    {
        Leg first = First(gone);
        List<Leg> full = [first], filling = [];
        foreach (Leg leg in legs.All)
        {
            if (leg != gone && leg != first)
                (legs.IsNew(leg) ? filling : full).Add(leg);
        }
        List<string> names = [.. full.Concat(filling).Select(leg => leg.ToString())];
        if (added is not null)
            names.Add(added);
        if (names.Count > LegSet.MostLegs)
            throw new TableException(2, $"a mirror has at most {LegSet.MostLegs} legs; remove one first");
        if (names.Count == 1)
            return $"linear {names[0]}";
        MirrorFeatures wanted = features with { Fill = names.Count - full.Count, Adopts = true };
        return $"mirror {LogWithoutWord(log)} {names.Count} {string.Join(' ', names)}{wanted}";
    }

    /// <summary>The leg that is right everywhere once <paramref name="gone"/> is gone.</summary>
    Leg First(Leg? gone)
    {
        if (legs.Default != gone && (legs.Default.IsGood || gone is null))
            return legs.Default;
        bool areAlike = log.SyncCount == log.RegionCount && !legs.IsDefaultAhead;
        foreach (Leg leg in legs.Full)
        {
            if (leg != gone && leg.IsGood && areAlike)
                return leg;
        }
        if (legs.Default != gone)
            return legs.Default;
        throw new TableException(2, areAlike
            ? $"{gone!.Device} is the last leg without errors; add another first, and wait until it is in sync"
            : $"{gone!.Device} is the default leg, and {log.RegionCount - log.SyncCount} regions are right on it alone; wait until the mirror is in sync");
    }

    /// <summary>Kernel logs that carry sync or nosync begin anew at every resume: the bits of now count instead.</summary>
    public static string LogWithoutWord(IDirtyLog log)
    {
        string[] parts = log.Table.Split(' ');
        return parts[^1] is not ("sync" or "nosync") ? log.Table
            : string.Join(' ', [parts[0], (int.Parse(parts[1], CultureInfo.InvariantCulture) - 1).ToString(CultureInfo.InvariantCulture), .. parts[2..^1]]);
    }

    /// <summary>A leg by its device, as the table prints it or as it was named, or by its number.</summary>
    Leg Find(int word, string name)
    {
        foreach (Leg leg in legs.All)
        {
            if (leg.Device.Word == name || leg.Device.ToString() == name)
                return leg;
        }
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int at) && at < legs.All.Length ? legs.All[at]
            : throw new TableException(word + 1, $"'{name}' is no leg; there are {string.Join(", ", legs.All.ToArray().Select((leg, i) => $"{i}: {leg.Device}"))}", "leg");
    }

    static ulong Number(int word, string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number
        : throw new TableException(word + 1, $"'{text}' is no sector", "first sector");
}
