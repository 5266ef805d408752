using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary>Kinds of failure; HTTP status and exit code follow from it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ErrorKind>))]
public enum ErrorKind
{
    /// <summary>Refused or failed (422, exit code 1).</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>No such device (404, exit code 1).</summary>
    [JsonStringEnumMemberName("notFound")]
    NotFound,

    /// <summary>In use (409, exit code 4).</summary>
    [JsonStringEnumMemberName("busy")]
    Busy,

    /// <summary>Took longer than its limit (504, exit code 1).</summary>
    [JsonStringEnumMemberName("timedOut")]
    TimedOut,

    /// <summary>The request or the command line is wrong (400, exit code 2).</summary>
    [JsonStringEnumMemberName("usage")]
    Usage,

    /// <summary>Not allowed to this user (403, exit code 1).</summary>
    [JsonStringEnumMemberName("forbidden")]
    Forbidden,

    /// <summary>No daemon answers on the socket (exit code 1). Only the client says this.</summary>
    [JsonStringEnumMemberName("notRunning")]
    NotRunning,
}
