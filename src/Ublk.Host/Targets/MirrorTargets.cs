using Ublk.Targets.Mirror;

namespace Ublk.Host.Targets;

/// <summary>The mirror, and the kinds of dirty log it can have.</summary>
static class MirrorTargets
{
    public static IServiceCollection AddMirrorTargets(this IServiceCollection services) => services
        .AddSingleton<DirtyLogType, CoreLogType>()
        .AddSingleton<DirtyLogType, DiskLogType>()
        .AddTarget<MirrorTargetType>();
}
