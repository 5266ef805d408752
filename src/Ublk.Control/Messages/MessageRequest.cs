using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary><c>POST /v1/devices/NAME/message</c>: a message to the target of one table line.</summary>
/// <param name="Words">The message.</param>
/// <param name="Sector">A sector of the line that is meant.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MessageRequest(string[] Words, ulong Sector = 0);
