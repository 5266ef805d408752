namespace Ublk.Targets.Log;

/// <summary>What became of entries that were written together.</summary>
/// <param name="Error">None, or the first one.</param>
/// <param name="Count">How many entries there were; 0: not even one fits.</param>
/// <param name="End">The end of the log behind them.</param>
/// <param name="IsCounted">The super block has to be rewritten.</param>
readonly record struct LogBatch(Errno Error, int Count, LogPosition End, bool IsCounted);
