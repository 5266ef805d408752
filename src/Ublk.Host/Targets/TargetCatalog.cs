using Ublk.Control;
using Ublk.Host.PlugIns;

namespace Ublk.Host.Targets;

/// <summary>What a table line can name: the built-in targets and those of plug-ins. A plug-in that does not fit in is refused here.</summary>
sealed class TargetCatalog
{
    readonly Dictionary<TargetType, string> _origins = [];
    readonly List<RefusedPlugIn> _refused;

    public TargetCatalog(IEnumerable<TargetType> builtIn, PlugInSet plugIns, IServiceProvider services, ILogger<TargetCatalog> log)
    {
        var byName = builtIn.ToDictionary(type => type.Name, StringComparer.Ordinal);
        _refused = [.. plugIns.Refused];
        foreach (var plugIn in plugIns.Loaded)
        {
            foreach (var type in plugIn.TargetTypes) Add(plugIn, type, byName, services, log);
        }

        Types = [.. byName.Values.OrderBy(type => type.Name, StringComparer.Ordinal)];
    }

    public IReadOnlyList<TargetType> Types { get; }

    public IReadOnlyList<RefusedPlugIn> Refused => _refused;

    /// <summary>The plug-in a target came from; null: built in.</summary>
    public string? Origin(TargetType type) => _origins.GetValueOrDefault(type);

    void Add(PlugIn plugIn, Type type, Dictionary<string, TargetType> byName, IServiceProvider services, ILogger log)
    {
        try
        {
            var target = (TargetType)services.GetRequiredService(type);
            if (byName.TryAdd(target.Name, target))
            {
                _origins[target] = plugIn.Path;
                log.LogInformation("target {Target} {Version} from {Path}", target.Name, target.Version, plugIn.Path);
                return;
            }

            Refuse(plugIn, $"{type.FullName}: there is a target named {target.Name} already", log);
        }
        catch (Exception e)
        {
            // Code of somebody else: whatever its constructor throws, the daemon goes on without it.
            Refuse(plugIn, $"{type.FullName} could not be made: {e.GetBaseException().Message}", log);
        }
    }

    void Refuse(PlugIn plugIn, string why, ILogger log)
    {
        log.LogWarning("plug-in {Path} refused: {Why}", plugIn.Path, why);
        _refused.Add(new RefusedPlugIn(plugIn.Path, why));
    }
}
