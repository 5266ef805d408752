namespace Ublk.Simulation;

/// <summary>Something that must happen in some run of a test, or the test tested nothing. One for all runs.</summary>
public class Sighting(string name)
{
    int _count;

    /// <summary>What, for the failure message.</summary>
    public string Name => name;

    /// <summary>How often, over all runs.</summary>
    public int Count => _count;

    /// <summary>It happened.</summary>
    public void Seen() => Interlocked.Increment(ref _count);
}
