using System.Text.Json.Serialization;

namespace Ublk.Cli.Verbs;

/// <summary>The one message that is not the daemon's.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(VersionsReply))]
sealed partial class VersionsJson : JsonSerializerContext;
