using System.Text.Json.Serialization;

namespace Ublk.Cli.Requests;

/// <summary>Records as JSON, one a line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RecordReply))]
sealed partial class RecordJson : JsonSerializerContext;
