namespace Ublk.Control;

/// <summary>One table line: of <c>GET /v1/devices/NAME/table</c> and <c>GET /v1/devices/NAME/status</c>.</summary>
/// <param name="Start">First sector.</param>
/// <param name="SectorCount">Length in sectors.</param>
/// <param name="Target">Name of the target type.</param>
/// <param name="Params">What follows these three on the dm line.</param>
/// <param name="Fields">Facts for people and programs; only in a status.</param>
public sealed record LineReply(ulong Start, ulong SectorCount, string Target, string Params, IReadOnlyList<FieldReply>? Fields = null)
{
    /// <summary>The line as dmsetup prints it.</summary>
    public string ToDmLine() => $"{Start} {SectorCount} {Target} {Params}";
}
