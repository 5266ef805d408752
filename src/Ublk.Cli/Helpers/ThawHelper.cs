using System.Runtime.InteropServices;

namespace Ublk.Cli.Helpers;

/// <summary>
/// <c>ublk-dm thaw LIMIT-MS CONTROL</c>: says <c>ready</c>, and writes 0 to a cgroup's freeze control when its input ends, so also when the daemon
/// dies, or when the time is up. Exit code 0, or 1 when that cannot be written.
/// </summary>
static class ThawHelper
{
    public static int Run(int limitMs, string control)
    {
        PosixSignalRegistration[] ignored = Helper.IgnoreSignals();
        try
        {
            Console.Out.WriteLine("ready");
            Console.Out.Flush();
            Helper.InputEnd().Wait(limitMs);
            File.WriteAllText(control, "0");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A group that is gone has nobody in it.
            return File.Exists(control) ? 1 : 0;
        }
        finally
        {
            foreach (var registration in ignored) registration.Dispose();
        }
    }
}
