using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary>The messages as JSON: camelCase, absent instead of null, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CreateRequest))]
[JsonSerializable(typeof(LoadRequest))]
[JsonSerializable(typeof(CutRequest))]
[JsonSerializable(typeof(CutManifest))]
[JsonSerializable(typeof(SuspendRequest))]
[JsonSerializable(typeof(MessageRequest))]
[JsonSerializable(typeof(ShutdownRequest))]
[JsonSerializable(typeof(DeviceReply))]
[JsonSerializable(typeof(DeviceReply[]))]
[JsonSerializable(typeof(CreatedReply))]
[JsonSerializable(typeof(StepsReply))]
[JsonSerializable(typeof(LineReply[]))]
[JsonSerializable(typeof(Dictionary<string, LineReply[]>))]
[JsonSerializable(typeof(MessageReply))]
[JsonSerializable(typeof(WaitReply))]
[JsonSerializable(typeof(TargetsReply))]
[JsonSerializable(typeof(VersionReply))]
[JsonSerializable(typeof(DoctorReply))]
[JsonSerializable(typeof(StatsReply))]
[JsonSerializable(typeof(OperationReply[]))]
[JsonSerializable(typeof(ErrorReply))]
public sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>On the wire: one line, and quotes and angle brackets as they are (nobody puts this into HTML).</summary>
    public static ControlJson Wire => field ??= With(indented: false);

    /// <summary>For people who asked for JSON.</summary>
    public static ControlJson Indented => field ??= With(indented: true);

    static ControlJson With(bool indented) =>
        new(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = indented });
}
