using System.Text.Json.Serialization;

namespace Ublk.Cli.Tracking;

/// <summary>Answers of track as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ChangesReply))]
[JsonSerializable(typeof(CheckpointReply))]
[JsonSerializable(typeof(CopyRecord))]
[JsonSerializable(typeof(ReaderReply[]))]
[JsonSerializable(typeof(RefreshReply))]
sealed partial class TrackJson : JsonSerializerContext;
