namespace Ublk.Targets.Log;

/// <summary>How the log stands.</summary>
/// <param name="End">Where it ends.</param>
/// <param name="Unflushed">Completed writes that wait for a flush.</param>
/// <param name="Early">Writes that were logged without waiting for one, because there was no more memory.</param>
/// <param name="Failed">Writes, discards and flushes that failed, and so are not in the log.</param>
/// <param name="Disabled">Why nothing is logged any more.</param>
readonly record struct LogWritesState(LogPosition End, int Unflushed, ulong Early, ulong Failed, LogDisabled Disabled);
