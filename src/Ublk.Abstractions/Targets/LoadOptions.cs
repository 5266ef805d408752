namespace Ublk;

/// <summary>What comes with a table without being part of it.</summary>
/// <param name="Force">Skip the checks that protect people from a slip (the kernel's dm has none of them).</param>
/// <param name="StoreSectors">Size in sectors of a store file that has to be created; null: the target's default.</param>
/// <param name="ReadOnly">The device will refuse writes.</param>
public sealed record LoadOptions(bool Force = false, ulong? StoreSectors = null, bool ReadOnly = false);
