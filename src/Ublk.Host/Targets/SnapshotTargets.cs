using Ublk.Targets.Snapshot;

namespace Ublk.Host.Targets;

/// <summary>The snapshot family.</summary>
static class SnapshotTargets
{
    public static IServiceCollection AddSnapshotTargets(this IServiceCollection services) => services
        .AddTarget<SnapshotTargetType>()
        .AddTarget<OriginTargetType>()
        .AddTarget<MergeTargetType>();
}
