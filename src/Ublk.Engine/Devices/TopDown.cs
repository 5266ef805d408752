namespace Ublk.Engine;

/// <summary>The order in which things that stand on each other are stopped.</summary>
public static class TopDown
{
    /// <summary>What stands on another comes before it. The relation must be transitive and without a circle.</summary>
    public static IReadOnlyList<T> Sort<T>(IEnumerable<T> things, Func<T, T, bool> standsOn)
    {
        var sorted = new List<T>();
        foreach (T thing in things)
        {
            int lower = sorted.FindIndex(other => standsOn(thing, other));
            sorted.Insert(lower < 0 ? sorted.Count : lower, thing);
        }
        return sorted;
    }
}
