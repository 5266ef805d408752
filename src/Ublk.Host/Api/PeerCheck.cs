using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections.Features;
using Ublk.Interop;

namespace Ublk.Host.Api;

/// <summary>
/// Who may use the API, by the credentials the kernel recorded at connect: root, the daemon's own user, and members of the group
/// disk. The socket's mode says the same, but a socket may be bound into a container, or handed on.
/// </summary>
static class PeerCheck
{
    const int SOL_SOCKET = 1;
    const int SO_PEERCRED = 17;
    const int SO_PEERGROUPS = 59;

    static readonly uint s_self = Libc.geteuid();

    /// <summary>Null when allowed, else the reason why not.</summary>
    public static string? Refuse(HttpContext http)
    {
        var socket = http.Features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket is null) return "no peer credentials on this connection";
        var (_, uid, gid) = Credentials(socket);
        return Allows(uid, gid, () => Groups(socket), s_self, SocketAccess.DiskGroup)
            ? null
            : $"user {uid} may not control devices; run this as root or as a member of the group disk";
    }

    /// <summary>The process that connected; 0 when it cannot be told.</summary>
    public static int Id(HttpContext http) => http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket ? (int)Credentials(socket).Pid : 0;

    internal static bool Allows(uint uid, uint gid, Func<uint[]> groups, uint self, uint? disk) =>
        uid == 0 || uid == self || (disk is { } number && (gid == number || groups().Contains(number)));

    // struct ucred: pid, uid, gid.
    static (uint Pid, uint Uid, uint Gid) Credentials(Socket socket)
    {
        Span<uint> ucred = stackalloc uint[3];
        int length = socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, MemoryMarshal.AsBytes(ucred));
        return length == 12 ? (ucred[0], ucred[1], ucred[2]) : (0, uint.MaxValue, uint.MaxValue);
    }

    static uint[] Groups(Socket socket)
    {
        var groups = new uint[65536]; // NGROUPS_MAX
        int length = socket.GetRawSocketOption(SOL_SOCKET, SO_PEERGROUPS, MemoryMarshal.AsBytes(groups.AsSpan()));
        return groups[..(length / sizeof(uint))];
    }
}
