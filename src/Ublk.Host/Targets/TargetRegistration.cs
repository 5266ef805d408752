using System.Diagnostics.CodeAnalysis;

namespace Ublk.Host.Targets;

/// <summary>Registers a target type as itself, for its family, and as one of all, for the tables.</summary>
static class TargetRegistration
{
    public static IServiceCollection AddTarget<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services)
        where T : TargetType => services
        .AddSingleton<T>()
        .AddSingleton<TargetType>(provider => provider.GetRequiredService<T>());
}
