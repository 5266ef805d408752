using Ublk.Targets.Mirror;

namespace Ublk.Host.Targets;

/// <summary>The mirror, and the kinds of dirty log it can have.</summary>
static class MirrorTargets
{
    public static IServiceCollection AddMirrorTargets(this IServiceCollection services) => services
        .AddSingleton<DirtyLogType, CoreLogType>()
        .AddSingleton<DirtyLogType, DiskLogType>()
        .AddSingleton<DirtyLogCatalog>()
        .AddSingleton(provider => new MirrorTargetType(provider.GetRequiredService<DirtyLogCatalog>().Types))
        .AddSingleton<TargetType>(provider => provider.GetRequiredService<MirrorTargetType>());
}
