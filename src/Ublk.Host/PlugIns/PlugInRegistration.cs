namespace Ublk.Host.PlugIns;

/// <summary>Loads the plug-ins and registers their targets and logs, so that they may take each other (and the built-in ones) in their constructors.</summary>
static class PlugInRegistration
{
    public static IServiceCollection AddPlugIns(this IServiceCollection services, DaemonOptions options, Serilog.ILogger log)
    {
        var set = PlugInFolder.Load(options.PlugInFolder);
        foreach (var refused in set.Refused) log.Warning("plug-in {Path} refused: {Why}", refused.Path, refused.Why);
        foreach (var type in set.Loaded.SelectMany(plugIn => plugIn.TargetTypes.Concat(plugIn.DirtyLogTypes))) services.AddSingleton(type);
        return services.AddSingleton(set);
    }
}
