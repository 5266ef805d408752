using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary>
/// <c>POST /v1/devices</c>: makes a device, loads its table and resumes it. If a step fails, nothing is left of it.
/// </summary>
/// <example><c>curl --unix-socket /run/ublk-dm/control.sock http://-/v1/devices -d '{"name":"z","table":"0 2048 zero"}'</c></example>
/// <param name="Name">The device's name; its node becomes <c>/dev/ublk-dm/NAME</c>.</param>
/// <param name="Table">The table; null makes a device without one, to be loaded and resumed later.</param>
/// <param name="Uuid">An identifier that never changes.</param>
/// <param name="ReadOnly">The device refuses writes.</param>
/// <param name="Force">Skip the checks that protect from a slip, such as a COW store that holds something else.</param>
/// <param name="CowSectors">Size in sectors of a COW file that has to be created.</param>
/// <param name="Queues">Hardware queues; null: one for each CPU, at most 4.</param>
/// <param name="Depth">Tags of each queue; null: 128.</param>
/// <param name="MaxIoBytes">Longest request in bytes; null: 524288.</param>
/// <param name="Mode">How bytes travel: <c>auto</c>, <c>copy</c>, <c>user-copy</c> or <c>zero-copy</c>; null: <c>auto</c>.</param>
/// <param name="Spread">Workers that share the tags of each queue (Linux 6.16); null: 1.</param>
/// <param name="LowSpace">Levels of a COW store in percent at which an event is raised, rising; null: none.</param>
/// <param name="HoldMs">How long writers wait for a full COW store to be extended, in milliseconds; null or 0: not at all.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CreateRequest(
    string Name,
    string? Table = null,
    string? Uuid = null,
    bool ReadOnly = false,
    bool Force = false,
    ulong? CowSectors = null,
    int? Queues = null,
    int? Depth = null,
    int? MaxIoBytes = null,
    string? Mode = null,
    int? Spread = null,
    IReadOnlyList<int>? LowSpace = null,
    int? HoldMs = null);
