using Ublk.Control;

namespace Ublk.Host.Doctor;

/// <summary>Whether the driver is there, or could be.</summary>
static class DriverCheck
{
    const string Option = "CONFIG_BLK_DEV_UBLK";

    public static Finding Run() => Judge(
        Directory.Exists("/sys/module/ublk_drv") || File.Exists("/dev/ublk-control"),
        HasModule($"/lib/modules/{KernelRelease.Current}"),
        KernelConfig.Value(Option));

    internal static Finding Judge(bool loaded, bool hasModule, string? option)
    {
        if (loaded) return new Finding("driver", FindingState.Ok, option == "y" ? "ublk_drv is built in" : "ublk_drv is loaded");
        if (hasModule)
            return new Finding("driver", FindingState.Warning, "ublk_drv is a module and not loaded; ublk-dmd loads it when it starts", "modprobe ublk_drv");

        return option switch
        {
            "n" => new Finding(
                "driver", FindingState.Problem, $"this kernel was built without ublk ({Option} is not set)", $"boot a kernel with {Option}=m"),
            "m" => new Finding(
                "driver",
                FindingState.Problem,
                $"ublk_drv is a module ({Option}=m), but its file is not in /lib/modules/{KernelRelease.Current}",
                "install the package with the kernel's extra modules (Ubuntu: linux-modules-extra), or boot the kernel that is installed"),
            _ => new Finding(
                "driver",
                FindingState.Problem,
                $"there is neither the module ublk_drv nor word of {Option}",
                $"boot a kernel with {Option}=m and its modules installed"),
        };
    }

    static bool HasModule(string folder) =>
        ((string[])["modules.dep", "modules.builtin"]).Any(list => KernelRelease.Read(Path.Combine(folder, list))?.Contains("/ublk_drv.ko") == true);
}
