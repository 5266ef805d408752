namespace Ublk.Targets.Log;

/// <summary>Which of the two journals counts, how much of it, and by which commit.</summary>
/// <param name="Commit">Number of the last commit.</param>
/// <param name="Generation">The journal's number.</param>
/// <param name="Half">Where it is: 0 or 1.</param>
/// <param name="Tail">Blocks that count.</param>
readonly record struct JournalPosition(ulong Commit, ulong Generation, uint Half, uint Tail);
