using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary>How a check of <c>doctor</c> came out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingState>))]
public enum FindingState
{
    /// <summary>As it should be.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Works, but something is worth knowing.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Devices cannot be made, or not safely.</summary>
    [JsonStringEnumMemberName("problem")]
    Problem,
}
