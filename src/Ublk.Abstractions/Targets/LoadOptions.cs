namespace Ublk;

/// <summary>What comes with a table without being part of it.</summary>
/// <param name="Force">Skip the checks that protect people from a slip (the kernel's dm has none of them).</param>
/// <param name="StoreSectors">Size in sectors of a store file that has to be created; null: the target's default.</param>
/// <param name="ReadOnly">The device will refuse writes.</param>
/// <param name="LowSpacePercents">Levels of a store at which an event is raised, rising; null: as they are, none at first.</param>
/// <param name="HoldMs">
/// How long writers wait for a full store to be extended before the snapshot is given up, in milliseconds; 0: not at all; null: as it is,
/// not at all at first.
/// </param>
public sealed record LoadOptions(
    bool Force = false, ulong? StoreSectors = null, bool ReadOnly = false, IReadOnlyList<int>? LowSpacePercents = null, int? HoldMs = null);
