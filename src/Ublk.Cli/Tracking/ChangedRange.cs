namespace Ublk.Cli.Tracking;

/// <summary>Sectors that changed, and what they are now.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many.</param>
/// <param name="State"><c>data</c>, or <c>discarded</c> when they were discarded or zeroed and not written since.</param>
sealed record ChangedRange(ulong First, ulong Count, string State);
