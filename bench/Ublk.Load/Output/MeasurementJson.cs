using System.Text.Json.Serialization;

namespace Ublk.Load;

/// <summary>A measurement as JSON, named as <c>ublk-dm --json</c> names things.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(Measurement))]
sealed partial class MeasurementJson : JsonSerializerContext;
