namespace Ublk.Control;

/// <summary>A device's state: <c>GET /v1/devices/NAME</c>, and each element of <c>GET /v1/devices</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Suspended">I/O is held.</param>
/// <param name="ReadOnly">The live table refuses writes.</param>
/// <param name="HasLive">A live table is there.</param>
/// <param name="HasInactive">An inactive table is there, waiting for a resume.</param>
/// <param name="EventNumber">Events so far.</param>
/// <param name="TargetCount">Lines of the live table.</param>
/// <param name="SectorCount">Size of the live table in sectors of 512 bytes.</param>
/// <param name="Backing">What the live table stands on.</param>
/// <param name="Users">Our own devices that stand on this one.</param>
/// <param name="Uuid">Its uuid, if it has one.</param>
/// <param name="Major">Major number of the block node, once it was started.</param>
/// <param name="Minor">Minor number of the block node.</param>
/// <param name="Node">The block node: <c>/dev/ublkb0</c>.</param>
/// <param name="Link">The name to use: <c>/dev/ublk-dm/NAME</c>.</param>
/// <param name="Ublk">Facts about the ublk node, once it was started.</param>
/// <param name="Holders">Who uses it, for people; only in the answer about one device, since it takes a look at every process.</param>
public sealed record DeviceReply(
    string Name,
    bool Suspended,
    bool ReadOnly,
    bool HasLive,
    bool HasInactive,
    uint EventNumber,
    int TargetCount,
    ulong SectorCount,
    IReadOnlyList<BackingReply> Backing,
    IReadOnlyList<string> Users,
    string? Uuid = null,
    int? Major = null,
    int? Minor = null,
    string? Node = null,
    string? Link = null,
    UblkFacts? Ublk = null,
    IReadOnlyList<string>? Holders = null);
