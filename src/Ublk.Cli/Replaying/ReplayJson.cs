using System.Text.Json.Serialization;

namespace Ublk.Cli.Replaying;

/// <summary>Entries and results as JSON, each on a line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReplayReply))]
[JsonSerializable(typeof(EntryReply))]
sealed partial class ReplayJson : JsonSerializerContext;
