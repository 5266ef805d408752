using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary><c>PUT /v1/devices/NAME/table</c>: builds a table into the inactive slot; <c>resume</c> makes it live.</summary>
/// <param name="Table">The table, lines separated by newlines.</param>
/// <param name="ReadOnly">The device will refuse writes.</param>
/// <param name="Force">Skip the checks that protect from a slip.</param>
/// <param name="CowSectors">Size in sectors of a COW file that has to be created.</param>
/// <param name="LowSpace">Levels of a COW store in percent at which an event is raised, rising; null: as they are, none at first.</param>
/// <param name="HoldMs">How long writers wait for a full COW store to be extended, in milliseconds; 0: not at all; null: as it is, not at all at first.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LoadRequest(
    string Table, bool ReadOnly = false, bool Force = false, ulong? CowSectors = null, IReadOnlyList<int>? LowSpace = null, int? HoldMs = null);
