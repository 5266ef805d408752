using Ublk.Targets.Log;

namespace Ublk.Host.Targets;

/// <summary>The targets that watch requests.</summary>
static class LogTargets
{
    public static IServiceCollection AddLogTargets(this IServiceCollection services) => services
        .AddTarget<LogWritesTargetType>()
        .AddTarget<RequestLogTargetType>()
        .AddTarget<TrackTargetType>();
}
