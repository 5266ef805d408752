using Ublk.Control;

namespace Ublk.Host.PlugIns;

/// <summary>What a folder of plug-ins gave. Any thread.</summary>
sealed class PlugInSet(IReadOnlyList<PlugIn> loaded, IEnumerable<RefusedPlugIn> refused)
{
    readonly Lock _lock = new();
    readonly List<RefusedPlugIn> _refused = [.. refused];

    public IReadOnlyList<PlugIn> Loaded => loaded;

    public IReadOnlyList<RefusedPlugIn> Refused
    {
        get
        {
            lock (_lock) return [.. _refused];
        }
    }

    /// <summary>One of its types could not be used after all; the rest goes on.</summary>
    public void Refuse(PlugIn plugIn, string why, ILogger log)
    {
        log.LogWarning("plug-in {Path} refused: {Why}", plugIn.Path, why);
        lock (_lock) _refused.Add(new RefusedPlugIn(plugIn.Path, why));
    }

    /// <summary>
    /// Makes what plug-ins have of a kind, and adds it by its name to what there is already. Who fails, or takes a name that is taken, is
    /// refused: it is code of somebody else, and the daemon goes on without it.
    /// </summary>
    /// <param name="types">Which types of a plug-in.</param>
    /// <param name="byName">What is built in; what is made is added.</param>
    /// <param name="nameOf">The name in tables.</param>
    /// <param name="kind">What it is, for messages.</param>
    /// <param name="services">Makes them.</param>
    /// <param name="log">Says what came and what did not.</param>
    /// <returns>Where each came from.</returns>
    public Dictionary<T, string> Make<T>(
        Func<PlugIn, IReadOnlyList<Type>> types, Dictionary<string, T> byName, Func<T, string> nameOf, string kind, IServiceProvider services, ILogger log)
        where T : class
    {
        Dictionary<T, string> origins = [];
        foreach (var plugIn in loaded)
        {
            foreach (var type in types(plugIn))
            {
                try
                {
                    var made = (T)services.GetRequiredService(type);
                    if (byName.TryAdd(nameOf(made), made))
                    {
                        origins[made] = plugIn.Path;
                        log.LogInformation("{Kind} {Name} from {Path}", kind, nameOf(made), plugIn.Path);
                        continue;
                    }

                    Refuse(plugIn, $"{type.FullName}: there is a {kind} named {nameOf(made)} already", log);
                }
                catch (Exception e)
                {
                    Refuse(plugIn, $"{type.FullName} could not be made: {e.GetBaseException().Message}", log);
                }
            }
        }

        return origins;
    }
}
