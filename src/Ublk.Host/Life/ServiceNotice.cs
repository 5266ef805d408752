using System.Net.Sockets;

namespace Ublk.Host.Life;

/// <summary>Tells systemd that the daemon serves (sd_notify(3): a datagram to the socket in NOTIFY_SOCKET).</summary>
static class ServiceNotice
{
    public static void Ready()
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path) return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo("READY=1"u8, new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (SocketException)
        {
            // Nobody listens: then nobody waits.
        }
    }
}
