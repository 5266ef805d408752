namespace Ublk.Samples.VolatileLog;

/// <summary>
/// <c>volatile &lt;region sectors&gt;</c>: for mirrors of what nobody needs after a crash, such as swap or scratch files. Nothing is copied when
/// such a mirror is made, and nothing is written to remember what was dirty.
/// </summary>
public sealed class VolatileLogType : DirtyLogType
{
    /// <inheritdoc/>
    public override string Name => "volatile";

    /// <inheritdoc/>
    public override string Syntax => "<region sectors>";

    /// <inheritdoc/>
    public override int MinArguments => 1;

    /// <inheritdoc/>
    public override int MaxArguments => 1;

    /// <inheritdoc/>
    public override ValueTask<IDirtyLog> ConstructAsync(TableLine line, int argumentCount, ITargetServices services, CancellationToken ct)
    {
        uint sectors = (uint)line.Number("region size in sectors", 2, 1u << 31);
        return (sectors & (sectors - 1)) == 0 ? new(new VolatileLog(sectors))
            : throw line.Error($"{sectors} sectors is no region size: it must be a power of two");
    }
}
