using Ublk.Targets.Basic;

namespace Ublk.Host.Targets;

/// <summary>The small targets that the large ones need.</summary>
static class BasicTargets
{
    public static IServiceCollection AddBasicTargets(this IServiceCollection services) => services
        .AddTarget<LinearTargetType>()
        .AddTarget<StripedTargetType>()
        .AddTarget<ZeroTargetType>()
        .AddTarget<ErrorTargetType>()
        .AddTarget<DelayTargetType>()
        .AddTarget<FlakeyTargetType>();
}
