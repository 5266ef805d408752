using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary><c>POST /v1/shutdown</c>: ends the daemon. Refused while there are devices. The body may be left out.</summary>
/// <param name="Force">Remove the devices first, also those in use: their users get I/O errors.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ShutdownRequest(bool Force = false);
