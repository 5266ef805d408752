namespace Ublk.Control;

/// <summary>Where the daemon and its clients meet. Everything lies beside the socket, so another socket is another daemon.</summary>
/// <param name="Socket">The control socket.</param>
public sealed record ControlPaths(string Socket)
{
    /// <summary>The socket of the machine's daemon.</summary>
    public const string DefaultSocket = "/run/ublk-dm/control.sock";

    /// <summary>The folder that holds the daemon's state. Gone after a reboot.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(Socket)) ?? "/";

    /// <summary>Held locked by the one daemon of this folder.</summary>
    public string Lock => Path.Combine(Folder, "lock");

    /// <summary>The process that holds the lock. Beside it, because who reads a file in .NET locks it.</summary>
    public string ProcessId => Path.Combine(Folder, "pid");

    /// <summary>The daemon's log.</summary>
    public string Log => Path.Combine(Folder, "ublk-dmd.log");

    /// <summary>What the daemon's process wrote to its stderr once it served: how it died, if it did. Emptied by the next start.</summary>
    public string LastWords => Path.Combine(Folder, "last-words");

    /// <summary>The last words of the last daemon that died: the start after it keeps them, until somebody removes the file.</summary>
    public string Obituary => Path.Combine(Folder, "died");

    /// <summary>Why the last start failed: one line, written by a daemon that could not start.</summary>
    public string StartError => Path.Combine(Folder, "start-error");
}
