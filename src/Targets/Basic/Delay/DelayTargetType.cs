namespace Ublk.Targets.Basic;

/// <summary>Holds reads, writes and flushes for a while, and may send them to different devices.</summary>
public sealed class DelayTargetType : TargetType
{
    /// <inheritdoc/>
    public override string Name => "delay";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 5, 0);

    /// <inheritdoc/>
    public override string Syntax =>
        "<device> <first sector> <ms> [<write device> <first sector> <ms> [<flush device> <first sector> <ms>]]";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        if (line.Remaining is not (3 or 6 or 9))
        {
            throw new TableException(0, $"delay takes exactly 3, 6 or 9 arguments (device, first sector and milliseconds, for reads, "
                + $"then for writes, then for flushes); there are {line.Remaining}");
        }
        var routes = new DelayRoute[line.Remaining / 3];
        string[] names = routes.Length == 1 ? ["device"] : ["read device", "write device", "flush device"];
        for (int i = 0; i < routes.Length; i++)
        {
            Extent extent = await Extent.ReadAsync(line, names[i], line.SectorCount, ct);
            routes[i] = new(extent, (uint)line.Number($"delay of the {names[i]} in milliseconds", max: uint.MaxValue));
        }
        line.End();
        return new DelayTarget(routes, line.SectorCount ?? routes.Min(route => route.Extent.SectorCount));
    }
}
