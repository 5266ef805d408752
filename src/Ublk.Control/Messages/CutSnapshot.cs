using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary>One snapshot of a cut.</summary>
/// <param name="Name">The new device.</param>
/// <param name="Origin">A device of ours whose table is <c>snapshot-origin</c>: its name, path or number.</param>
/// <param name="Cow">COW device or file; null: a new sparse file in the daemon's state folder.</param>
/// <param name="Store"><c>P</c>, <c>PO</c> or <c>N</c>; null: <c>P</c>.</param>
/// <param name="ChunkSectors">Null: the default.</param>
/// <param name="Features">Features of the snapshot target.</param>
/// <param name="CowSectors">Size in sectors of a COW file that has to be created.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CutSnapshot(
    string Name,
    string Origin,
    string? Cow = null,
    string? Store = null,
    uint? ChunkSectors = null,
    IReadOnlyList<string>? Features = null,
    ulong? CowSectors = null);
