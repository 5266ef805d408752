namespace Ublk.Engine.Tests;

/// <summary>A target type whose constructor a test writes down.</summary>
sealed class ScriptedTargetType(string name, Func<TableLine, ITargetServices, ValueTask<Target>> construct) : TargetType
{
    public override string Name => name;

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "<anything>";

    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) => construct(line, services);

    /// <summary><c>NAME DEVICE...</c>: claims its devices, answers every request with success.</summary>
    public static ScriptedTargetType Claiming(string name, Claim claim, ulong? createSectors = null) => new(name, async (line, _) =>
    {
        ulong size = 0;
        while (line.Remaining > 0)
            size = (await line.DeviceAsync("store", claim, default, createSectors)).SectorCount;
        return new ScriptedTarget(line.SectorCount ?? size);
    });

    /// <summary><c>forward DEVICE FIRST</c>: an async layer, as a mirror or a snapshot is one.</summary>
    public static ScriptedTargetType Forward { get; } = new("forward", async (line, _) =>
    {
        BackingDevice device = await line.DeviceAsync("device", Claim.Shared, default);
        ulong first = line.Number("first sector");
        line.End();
        return new ScriptedTarget(line.SectorCount ?? device.SectorCount - first)
        {
            OnMap = (io, request) => Through(io, request, device, first),
        };
    });

    static async IoTask<Errno> Through(TargetIo io, BlockRequest request, BackingDevice device, ulong first) =>
        await io.Forward(request, device, first + request.Sector);
}
