using Ublk.Targets.Mirror;

namespace Ublk.Guest.Faults;

/// <summary>The mirror with a planted bug: its log calls regions clean without a flush of the legs.</summary>
public sealed class MirrorClearBeforeFlush : TargetType
{
    readonly MirrorTargetType _mirror = new([new DiskLogType(MirrorFaults.ClearBeforeFlush)]);

    /// <inheritdoc/>
    public override string Name => "mirror-clear-before-flush";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override string Syntax => _mirror.Syntax;

    /// <inheritdoc/>
    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) =>
        _mirror.ConstructAsync(line, services, ct);
}
