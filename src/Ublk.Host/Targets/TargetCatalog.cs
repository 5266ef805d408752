using Ublk.Control;
using Ublk.Host.PlugIns;

namespace Ublk.Host.Targets;

/// <summary>What a table line can name: the built-in targets and those of plug-ins.</summary>
sealed class TargetCatalog
{
    readonly Dictionary<TargetType, string> _origins;
    readonly PlugInSet _plugIns;

    public TargetCatalog(IEnumerable<TargetType> builtIn, PlugInSet plugIns, IServiceProvider services, ILogger<TargetCatalog> log)
    {
        var byName = builtIn.ToDictionary(type => type.Name, StringComparer.Ordinal);
        _plugIns = plugIns;
        _origins = plugIns.Make(plugIn => plugIn.TargetTypes, byName, type => type.Name, "target", services, log);
        Types = [.. byName.Values.OrderBy(type => type.Name, StringComparer.Ordinal)];
    }

    public IReadOnlyList<TargetType> Types { get; }

    public IReadOnlyList<RefusedPlugIn> Refused => _plugIns.Refused;

    /// <summary>The plug-in a target came from; null: built in.</summary>
    public string? Origin(TargetType type) => _origins.GetValueOrDefault(type);
}
