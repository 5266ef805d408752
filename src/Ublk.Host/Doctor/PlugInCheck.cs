using Ublk.Control;
using Ublk.Host.PlugIns;

namespace Ublk.Host.Doctor;

/// <summary>What lies in the plug-in folder. Nothing of it is loaded.</summary>
static class PlugInCheck
{
    public static IEnumerable<Finding> Run(string? folder)
    {
        var (accepted, refused) = PlugInFolder.Find(folder);
        string path = folder ?? DaemonOptions.DefaultPlugInFolder;
        foreach (var plugIn in refused)
            yield return new Finding("plug-ins", FindingState.Warning, $"{plugIn.Path} is not loaded", plugIn.Why);

        if (accepted.Count > 0)
            yield return new Finding("plug-ins", FindingState.Ok, $"{path}: {string.Join(", ", accepted.Select(file => Path.GetFileName(file.Path)))}");
        else if (refused.Count == 0)
            yield return new Finding("plug-ins", FindingState.Ok, $"none in {path}");
    }
}
