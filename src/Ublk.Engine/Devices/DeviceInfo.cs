namespace Ublk.Engine;

/// <summary>A device's state at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uuid">Its uuid, if it has one.</param>
/// <param name="IsSuspended">I/O is held.</param>
/// <param name="IsReadOnly">The live table was loaded read-only.</param>
/// <param name="HasLive">A live table is there.</param>
/// <param name="HasInactive">An inactive table is there.</param>
/// <param name="InProcessUsers">Names of our own devices that stand on this one.</param>
/// <param name="EventNumber">Number of events so far.</param>
/// <param name="Major">Major number of the block node, once it was started.</param>
/// <param name="Minor">Minor number of the block node.</param>
/// <param name="Node">Path of the block node: <c>/dev/ublkb0</c>.</param>
/// <param name="TargetCount">Lines of the live table.</param>
/// <param name="SectorCount">Size of the live table in sectors.</param>
/// <param name="Facts">Facts about the ublk node.</param>
/// <param name="Backing">What the live table stands on.</param>
public sealed record DeviceInfo(
    string Name,
    string? Uuid,
    bool IsSuspended,
    bool IsReadOnly,
    bool HasLive,
    bool HasInactive,
    IReadOnlyList<string> InProcessUsers,
    uint EventNumber,
    int? Major,
    int? Minor,
    string? Node,
    int TargetCount,
    ulong SectorCount,
    NodeFacts? Facts,
    IReadOnlyList<BackingFact> Backing);
