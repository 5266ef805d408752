using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>The link named after a device, in a folder that daemons may share. [C] Only who made one takes it away.</summary>
static class NodeLink
{
    const uint FolderMode = 0x1ED; // 0755: the umask is 077, and the group of the nodes has to come through

    /// <summary>A link that leads nowhere any more is replaced.</summary>
    /// <exception cref="DmException">There is something else, or a link that leads to a node.</exception>
    public static void Make(string link, string node)
    {
        string folder = Path.GetDirectoryName(link)!;
        if (new FileInfo(link).LinkTarget is { } target)
        {
            if (target != node && BlockPaths.TryNumberOf(link, out _))
                throw new DmException(DmFailure.Busy, $"{link} leads to {target}, which is not of this daemon; choose another name, or remove that device first");
        }
        else if (File.Exists(link) || Directory.Exists(link))
        {
            throw new DmException(DmFailure.Busy, $"{link} is there and is no link; move it away, or choose another name");
        }
        try
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                _ = Libc.chmod(folder, FolderMode);
            }
            File.Delete(link);
            File.CreateSymbolicLink(link, node);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DmException(DmFailure.Failed, $"{link}: cannot be made: {e.Message}", e);
        }
    }

    /// <summary>Does nothing when the link is another's by now.</summary>
    public static void Remove(string link, string node)
    {
        if (new FileInfo(link).LinkTarget == node)
            File.Delete(link);
    }
}
