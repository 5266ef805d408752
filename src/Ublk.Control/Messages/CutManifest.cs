namespace Ublk.Control;

/// <summary>What was cut: the answer to <c>POST /v1/cuts</c>, kept as a file in the daemon's state folder.</summary>
/// <param name="Id">The set's id; the file is named after it.</param>
/// <param name="TakenAt">The instant.</param>
/// <param name="Snapshots">What came of it.</param>
/// <param name="FileSystems">Mount points that were frozen.</param>
/// <param name="Cgroup">The group that was frozen.</param>
/// <param name="HeldMs">How many milliseconds the origins held requests; null while they do.</param>
/// <param name="Kept">The file this is kept in; null while the origins are held.</param>
/// <param name="NotFrozen">What stood on the origins and was left out, with the reason, a line each; null when everything was frozen.</param>
public sealed record CutManifest(
    string Id,
    DateTimeOffset TakenAt,
    IReadOnlyList<CutPiece> Snapshots,
    IReadOnlyList<string> FileSystems,
    string? Cgroup = null,
    double? HeldMs = null,
    string? Kept = null,
    IReadOnlyList<string>? NotFrozen = null);
