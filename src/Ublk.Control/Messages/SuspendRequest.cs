using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary><c>POST /v1/devices/NAME/suspend</c>: holds new requests and waits for those that run. The body may be left out.</summary>
/// <param name="NoFlush">Targets may hand requests back instead of finishing them.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SuspendRequest(bool NoFlush = false);
