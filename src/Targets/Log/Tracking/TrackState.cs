using System.Collections.Immutable;

namespace Ublk.Targets.Log;

/// <summary>A tracked device at one moment.</summary>
/// <param name="OpenEpoch">The epoch that new writes are marked in.</param>
/// <param name="History">Those before.</param>
/// <param name="Readers">Who reads.</param>
/// <param name="Active">Extents that are active.</param>
/// <param name="Problem">Why nothing can be made durable; null: it can.</param>
/// <param name="JournalBlocks">Blocks of the journal that count.</param>
/// <param name="Commits">Commits since the target was opened.</param>
/// <param name="Open">The open epoch's marks; they go on changing.</param>
readonly record struct TrackState(
    ulong OpenEpoch, EpochHistory History, ImmutableArray<TrackReader> Readers, int Active, string? Problem, uint JournalBlocks, long Commits, BlockStates? Open);
