using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>
/// A program that listens on a Unix stream socket, such as one that copies a disk in use. [C] It gets a line for each request that succeeded or
/// may have: <c>rw block size</c>, see docs/targets/reqlog.md. What is lost is a line too, over the whole range.
/// </summary>
sealed class RequestSocket(string path) : IRequestOutput
{
    readonly StringBuilder _lines = new();
    Socket? _socket;

    public string Path => path;

    /// <summary>Whoever connects has to read everything anyhow; what was recorded before is nothing to him.</summary>
    public bool BeginsAnew => true;

    public string FailedEvent => "reqlog: nobody reads from the socket";

    public async ValueTask OpenAsync(CancellationToken ct)
    {
        Dispose();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        _socket = socket;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> records, CancellationToken ct)
    {
        _lines.Clear();
        foreach (RequestRecord record in MemoryMarshal.Cast<byte, RequestRecord>(records.Span))
            ClassicLine.Append(_lines, record);
        ReadOnlyMemory<byte> bytes = Encoding.ASCII.GetBytes(_lines.ToString());
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket!.SendAsync(bytes, ct)..];
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
