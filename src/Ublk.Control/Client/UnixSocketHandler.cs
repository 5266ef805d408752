using System.Net.Sockets;

namespace Ublk.Control;

/// <summary>HTTP over a Unix socket.</summary>
static class UnixSocketHandler
{
    public static SocketsHttpHandler For(string path) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    /// <summary>What a failed call means to the user.</summary>
    public static ControlException Explain(HttpRequestException e, ControlPaths paths) => e.InnerException switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            new ControlException(ErrorKind.Forbidden, $"{paths.Socket}: permission denied; run this as root or as a member of the group disk", e),
        SocketException when e.HttpRequestError == HttpRequestError.ConnectionError =>
            new ControlException(ErrorKind.NotRunning, "ublk-dmd is not running", e),
        _ => new ControlException(ErrorKind.Failed, $"the connection to ublk-dmd broke: {e.Message}; its log is {paths.Log}", e),
    };
}
