namespace Ublk.Targets.Snapshot;

/// <summary>Exceptions that are merged in one step: consecutive chunks of the store that belong to consecutive chunks of the origin.</summary>
/// <param name="Chunk">The first on the origin.</param>
/// <param name="CowChunk">The first on the store.</param>
/// <param name="Count">How many; 0: nothing is left.</param>
readonly record struct MergeRun(ulong Chunk, ulong CowChunk, uint Count);
