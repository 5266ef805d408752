using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ublk.Cli.Requests;

/// <summary>Where endless output goes. .NET's console writer says nothing when a pipe's reader is gone; then following must end.</summary>
static class OutputStream
{
    public static TextWriter Of(TextWriter output)
    {
        if (output != Console.Out || !Console.IsOutputRedirected) return output;
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

        // A file may be appended to by others: there the console's writer is right.
        return stream.CanSeek ? output : new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
    }
}
