using Ublk.Control;

namespace Ublk.Host.PlugIns;

/// <summary>
/// The folder of plug-ins: targets, and dirty logs for the mirror. Its code runs as root in the process that holds every device, so nothing
/// is loaded that anybody but root could have put there; and nothing runs before that, the file's nature and its contract version were
/// looked at.
/// </summary>
static class PlugInFolder
{
    /// <summary>Finds the plug-ins and loads them.</summary>
    /// <param name="folder">Null: the usual one, which need not exist.</param>
    public static PlugInSet Load(string? folder)
    {
        var found = Find(folder);
        List<PlugIn> loaded = [];
        List<RefusedPlugIn> refused = [.. found.Refused];
        foreach (var file in found.Accepted)
        {
            try
            {
                var assembly = new PlugInContext(file.Path).LoadFromAssemblyPath(file.Path);
                Type[] types = [.. file.TypeNames.Select(name => assembly.GetType(name, throwOnError: true)!)];
                loaded.Add(new PlugIn(
                    file.Path, [.. types.Where(type => type.IsAssignableTo(typeof(TargetType)))], [.. types.Where(type => type.IsAssignableTo(typeof(DirtyLogType)))]));
            }
            catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException)
            {
                refused.Add(new RefusedPlugIn(file.Path, $"it could not be loaded: {e.Message}"));
            }
        }

        return new PlugInSet(loaded, refused);
    }

    /// <summary>Finds the plug-ins without loading any.</summary>
    public static (IReadOnlyList<PlugInFile> Accepted, IReadOnlyList<RefusedPlugIn> Refused) Find(string? folder)
    {
        string path = folder ?? DaemonOptions.DefaultPlugInFolder;
        if (!Directory.Exists(path))
            return folder is null ? ([], []) : ([], [new RefusedPlugIn(path, "there is no such folder")]);
        if (FileTrust.Refuse(path) is { } why) return ([], [new RefusedPlugIn(path, why)]);

        List<PlugInFile> accepted = [];
        List<RefusedPlugIn> refused = [];
        foreach (string file in Directory.EnumerateFiles(path, "*.dll").Order(StringComparer.Ordinal))
        {
            if (FileTrust.Refuse(file) is { } distrust) refused.Add(new RefusedPlugIn(file, distrust));
            else if (PlugInFile.Read(file, out string refusal) is { } plugIn) accepted.Add(plugIn);
            else refused.Add(new RefusedPlugIn(file, refusal));
        }

        return (accepted, refused);
    }
}
