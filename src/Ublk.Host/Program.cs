using Ublk.Control;
using Ublk.Engine;
using Ublk.Host.Setup;

namespace Ublk.Host;

/// <summary><c>ublk-dmd</c>: the process that holds the devices.</summary>
static class Program
{
    static int Main(string[] args)
    {
        DaemonOptions options;
        try
        {
            options = DaemonOptions.Parse(args);
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return DaemonExit.Usage;
        }

        if (options.Help)
        {
            Console.Out.Write(DaemonOptions.HelpText);
            return DaemonExit.Ended;
        }

        if (options.Doctor) return Doctor.DoctorCommand.Run(options);

        try
        {
            // Before anything else runs: this replaces the process once. Main is not async, so that this is its first thread.
            return RunDaemon(options, StartOver.Enter(options.Paths));
        }
        catch (IOException e)
        {
            return StartError.Report(options.Paths, e.Message);
        }
    }

    static int RunDaemon(DaemonOptions options, IReadOnlyList<string> notes)
    {
        ProcessSetup setup;
        try
        {
            setup = ProcessSetup.Run(options, notes);
        }
        catch (AlreadyRunningException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return DaemonExit.AlreadyRunning;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DmException)
        {
            return StartError.Report(options.Paths, e.Message);
        }

        using (setup)
        {
            try
            {
                return Daemon.RunAsync(options, setup).GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is DmException or IOException or UnauthorizedAccessException)
            {
                return StartError.Report(options.Paths, e.Message);
            }
        }
    }
}
