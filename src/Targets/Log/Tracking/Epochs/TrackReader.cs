namespace Ublk.Targets.Log;

/// <summary>Somebody who comes again and asks what changed since the last time.</summary>
/// <param name="Name">Who.</param>
/// <param name="Base">The checkpoint up to which it has everything; 0: it has nothing yet.</param>
/// <param name="Previous">The one before, kept so that an answer that got lost can be asked for again; 0: none.</param>
sealed record TrackReader(string Name, ulong Base, ulong Previous)
{
    public const int LongestName = 64;

    public bool Pins(ulong checkpoint) => checkpoint == Base || checkpoint == Previous;
}
