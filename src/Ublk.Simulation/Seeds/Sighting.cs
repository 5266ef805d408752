namespace Ublk.Simulation;

/// <summary>Something that must happen in some run of a test, or the test tested nothing. One for all runs.</summary>
/// <param name="name">What, for the failure message.</param>
/// <param name="atLeast">How often it must.</param>
public class Sighting(string name, int atLeast = 1)
{
    int _count;

    /// <summary>What, for the failure message.</summary>
    public string Name => name;

    /// <summary>How often it must happen, over all runs.</summary>
    public int AtLeast => atLeast;

    /// <summary>How often it did, over all runs.</summary>
    public int Count => _count;

    /// <summary>It happened.</summary>
    public void Seen() => Interlocked.Increment(ref _count);
}
