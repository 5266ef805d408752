using Ublk.Control;

namespace Ublk.Host.Doctor;

/// <summary>Whether io_uring is allowed.</summary>
static class IoUringCheck
{
    const string Setting = "/proc/sys/kernel/io_uring_disabled";

    public static Finding Run() => Judge(KernelRelease.Read(Setting)?.Trim());

    internal static Finding Judge(string? value) => value switch
    {
        null or "0" => new Finding("io_uring", FindingState.Ok, "io_uring is allowed"),
        "1" => new Finding("io_uring", FindingState.Ok, "io_uring is allowed to root (io_uring_disabled is 1)"),
        _ => new Finding("io_uring", FindingState.Problem, $"io_uring is switched off (io_uring_disabled is {value})", "sysctl kernel.io_uring_disabled=0"),
    };
}
