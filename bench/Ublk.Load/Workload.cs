namespace Ublk.Load;

/// <summary>What is issued, and for how long.</summary>
/// <param name="Pattern">Which blocks, read or written.</param>
/// <param name="BlockBytes">Length of each request.</param>
/// <param name="Depth">Requests in flight on each worker.</param>
/// <param name="Workers">Workers, each with a thread, a ring and a front of its own.</param>
/// <param name="SizeBytes">How much of the device is used, from its start; null: all of it.</param>
/// <param name="Seed">Of the random blocks.</param>
/// <param name="WarmUp">Before anything counts.</param>
/// <param name="Round">Length of a round.</param>
/// <param name="Rounds">Rounds one after the other, of which the median counts.</param>
/// <param name="HasLatencies">Each request is timed, which costs two looks at the clock.</param>
sealed record Workload(
    Pattern Pattern, int BlockBytes, int Depth, int Workers, ulong? SizeBytes, ulong Seed, TimeSpan WarmUp, TimeSpan Round, int Rounds, bool HasLatencies);
