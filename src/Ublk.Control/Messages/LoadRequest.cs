using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary><c>PUT /v1/devices/NAME/table</c>: builds a table into the inactive slot; <c>resume</c> makes it live.</summary>
/// <param name="Table">The table, lines separated by newlines.</param>
/// <param name="ReadOnly">The device will refuse writes.</param>
/// <param name="Force">Skip the checks that protect from a slip.</param>
/// <param name="CowSectors">Size in sectors of a COW file that has to be created.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LoadRequest(string Table, bool ReadOnly = false, bool Force = false, ulong? CowSectors = null);
