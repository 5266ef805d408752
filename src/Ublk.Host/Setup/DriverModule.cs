using System.ComponentModel;
using System.Diagnostics;

namespace Ublk.Host.Setup;

/// <summary>Loads ublk_drv where the machine has it as a module and nobody did it yet.</summary>
static class DriverModule
{
    /// <summary>Whether it worked shows when the driver is opened; that error names module and kernel option.</summary>
    public static void Load()
    {
        if (File.Exists("/dev/ublk-control")) return;
        try
        {
            using var modprobe = Process.Start(new ProcessStartInfo("modprobe", ["-q", "ublk_drv"]) { UseShellExecute = false, RedirectStandardError = true });
            if (modprobe is null || !modprobe.WaitForExit(TimeSpan.FromSeconds(10))) return;
            WaitForNode(modprobe.ExitCode == 0);
        }
        catch (Win32Exception)
        {
            // No modprobe here.
        }
    }

    // devtmpfs makes the node with the module; udev may still be setting its owner.
    static void WaitForNode(bool loaded)
    {
        for (int i = 0; loaded && i < 20 && !File.Exists("/dev/ublk-control"); i++) Thread.Sleep(50);
    }
}
