using System.Reflection;
using System.Runtime.Loader;

namespace Ublk.Host.PlugIns;

/// <summary>
/// Where one plug-in's assemblies live: its own, with its own versions of what it needs, but the contract is ours, since its
/// targets must be our <see cref="TargetType"/>s. Never unloaded: a live table may be made of them.
/// </summary>
sealed class PlugInContext(string path) : AssemblyLoadContext($"plug-in {Path.GetFileName(path)}", isCollectible: false)
{
    readonly AssemblyDependencyResolver _resolver = new(path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var contract = typeof(TargetType).Assembly;
        if (assemblyName.Name == contract.GetName().Name) return contract;
        if (_resolver.ResolveAssemblyToPath(assemblyName) is not { } file) return null; // the framework's
        return FileTrust.Refuse(file) is { } why ? throw new FileLoadException($"{assemblyName.Name}: {why}") : LoadFromAssemblyPath(file);
    }
}
