namespace Ublk.Simulation;

/// <summary>An entry of a <see cref="WriteLog"/>.</summary>
/// <param name="Disk">Which disk.</param>
/// <param name="Kind">What.</param>
/// <param name="Sector">First sector.</param>
/// <param name="Bytes">What was written.</param>
/// <param name="Text">Of a mark.</param>
public sealed record LoggedWrite(string Disk, LoggedKind Kind, ulong Sector, byte[] Bytes, string Text = "");
