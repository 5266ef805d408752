using Ublk.Host.PlugIns;

namespace Ublk.Host.Targets;

/// <summary>The kinds of dirty log that a mirror can name: the built-in ones and those of plug-ins.</summary>
sealed class DirtyLogCatalog
{
    public DirtyLogCatalog(IEnumerable<DirtyLogType> builtIn, PlugInSet plugIns, IServiceProvider services, ILogger<DirtyLogCatalog> log)
    {
        var byName = builtIn.ToDictionary(type => type.Name, StringComparer.Ordinal);
        plugIns.Make(plugIn => plugIn.DirtyLogTypes, byName, type => type.Name, "dirty log", services, log);
        Types = [.. byName.Values];
    }

    public IReadOnlyList<DirtyLogType> Types { get; }
}
