namespace Ublk.Engine;

/// <summary>One line of a table with its target's status.</summary>
/// <param name="Start">First sector.</param>
/// <param name="SectorCount">Length in sectors.</param>
/// <param name="Target">Name of the target type.</param>
/// <param name="Params">The arguments (table) or the dm status (status), without the three words before.</param>
/// <param name="Fields">Facts for people; empty for a table.</param>
public sealed record LineStatus(ulong Start, ulong SectorCount, string Target, string Params, IReadOnlyList<StatusField> Fields);
