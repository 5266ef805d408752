using Ublk.Control;

namespace Ublk.Host.Setup;

/// <summary>Says why the daemon could not start: on stderr, and in a file for a starter that cannot hear it (systemd).</summary>
static class StartError
{
    public static int Report(ControlPaths paths, string message)
    {
        Console.Error.WriteLine($"error: {message}");
        try
        {
            RunFolder.Make(paths.Folder);

            // In one step, since the starter looks for the file and then reads it.
            string unfinished = paths.StartError + ".new";
            File.WriteAllText(unfinished, message + "\n");
            File.Move(unfinished, paths.StartError, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {paths.StartError}: {e.Message}");
        }

        return DaemonExit.Failed;
    }
}
