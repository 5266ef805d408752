using Ublk.Interop;

namespace Ublk.Host.Api;

/// <summary>Opens the socket to root and the group disk, who could write the backing devices anyway.</summary>
static class SocketAccess
{
    const string GroupName = "disk";

    public static void Grant(string socket)
    {
        uint owner = Libc.geteuid();
        if (DiskGroup is { } group && Libc.chown(socket, owner, group) == 0)
        {
            Libc.chmod(socket, 0x1B0 /* 0660 */);
            return;
        }

        Libc.chmod(socket, 0x180 /* 0600 */);
    }

    /// <summary>The group's number, if the machine has it.</summary>
    public static uint? DiskGroup { get; } = Find(File.Exists("/etc/group") ? File.ReadLines("/etc/group") : []);

    internal static uint? Find(IEnumerable<string> groups)
    {
        foreach (string line in groups)
        {
            if (line.Split(':') is [GroupName, _, var id, ..] && uint.TryParse(id, out uint number)) return number;
        }

        return null;
    }
}
