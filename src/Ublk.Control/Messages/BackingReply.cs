namespace Ublk.Control;

/// <summary>One backing device of a table.</summary>
/// <param name="Device">As the table prints it.</param>
/// <param name="Path">The path it was opened by.</param>
/// <param name="AccessMode"><c>direct</c>, <c>buffered</c> or <c>in-process</c>.</param>
/// <param name="SectorCount">Its size in sectors.</param>
public sealed record BackingReply(string Device, string Path, string AccessMode, ulong SectorCount);
