using Ublk.Targets.Mirror;

namespace Ublk.Guest.Faults;

/// <summary>The mirror with a planted bug: writes go to the legs before their region is marked in the log. For scenario 54, as the next one.</summary>
public sealed class MirrorWriteBeforeMark : TargetType
{
    readonly MirrorTargetType _mirror = new([new DiskLogType()], MirrorFaults.WriteBeforeMark);

    /// <inheritdoc/>
    public override string Name => "mirror-write-before-mark";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override string Syntax => _mirror.Syntax;

    /// <inheritdoc/>
    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) =>
        _mirror.ConstructAsync(line, services, ct);
}
