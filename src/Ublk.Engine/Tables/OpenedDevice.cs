namespace Ublk.Engine;

/// <summary>A device that a table line opened.</summary>
/// <param name="Path">As the table named it.</param>
/// <param name="Device">The device.</param>
/// <param name="Claim">For what.</param>
/// <param name="Lower">The device of ours it is, if it is one.</param>
/// <param name="Created">The file, or the pool, did not exist before.</param>
sealed record OpenedDevice(string Path, BackingDevice Device, Claim Claim, MappedDevice? Lower, bool Created);
