namespace Ublk.Interop;

/// <summary>The nodes of ublk-dm's live devices, found without the daemon. [C]</summary>
public static class OwnNodes
{
    /// <summary>Where the daemon makes a link for each device, named after it.</summary>
    public const string LinkFolder = "/dev/ublk-dm";

    /// <summary>The numbers of all that are live, and the links.</summary>
    public static IReadOnlyDictionary<DeviceNumber, string> Live(string folder = LinkFolder)
    {
        var live = new Dictionary<DeviceNumber, string>();
        if (!Directory.Exists(folder))
            return live;
        foreach (string link in Directory.EnumerateFileSystemEntries(folder))
        {
            if (BlockPaths.TryNumberOf(link, out DeviceNumber number))
                live[number] = link;
        }
        return live;
    }
}
