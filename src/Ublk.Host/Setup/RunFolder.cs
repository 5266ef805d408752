using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>The folder of the daemon's state: everybody may go through it to the socket, only its owner may write.</summary>
static class RunFolder
{
    public static void Make(string path)
    {
        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path);
        Libc.chmod(path, 0x1ED /* 0755 */); // the umask is 077
    }
}
