namespace Ublk.Cli.Replaying;

/// <summary>What <c>replay -j</c> prints.</summary>
/// <param name="Log">What was replayed.</param>
/// <param name="Device">Where to.</param>
/// <param name="Entries">Entries that were replayed.</param>
/// <param name="OfEntries">Entries that the log has.</param>
/// <param name="Writes">Writes among them.</param>
/// <param name="Bytes">How much they wrote.</param>
/// <param name="Discards">Discards among them.</param>
/// <param name="Points">Flushes and FUA writes among them.</param>
/// <param name="Checks">How often the check ran and was content.</param>
/// <param name="LastMark">The last mark that was passed.</param>
sealed record ReplayReply(
    string Log, string Device, ulong Entries, ulong OfEntries, ulong Writes, ulong Bytes, ulong Discards, ulong Points, ulong Checks, string? LastMark);
