namespace Ublk.Control;

/// <summary>One snapshot of a set.</summary>
/// <param name="Name">The device.</param>
/// <param name="Link">Its path: <c>/dev/ublk-dm/NAME</c>. It is there once the origins are released.</param>
/// <param name="Origin">The device whose instant it is.</param>
/// <param name="SectorCount">Its size in sectors of 512 bytes.</param>
/// <param name="Store">Its COW device or file.</param>
/// <param name="Table">Its table: the snapshot can be made again with it.</param>
public sealed record CutPiece(string Name, string Link, string Origin, ulong SectorCount, string Store, string Table);
