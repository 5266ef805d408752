using System.Text.Json.Serialization;

namespace Ublk.Cli.Mirrors;

/// <summary>The report of a check as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CheckReply))]
sealed partial class CheckJson : JsonSerializerContext;
