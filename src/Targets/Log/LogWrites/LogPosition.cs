namespace Ublk.Targets.Log;

/// <summary>The end of a log.</summary>
/// <param name="EntryCount">Entries before it.</param>
/// <param name="Sector">Where the next one goes, in sectors of 512 bytes.</param>
readonly record struct LogPosition(ulong EntryCount, ulong Sector);
