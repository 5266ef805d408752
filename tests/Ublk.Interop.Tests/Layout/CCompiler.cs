using System.ComponentModel;
using System.Diagnostics;

namespace Ublk.Interop.Tests;

/// <summary>Asks gcc whether assertions hold against the system's headers.</summary>
internal static class CCompiler
{
    private const string Includes = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <poll.h>
        #include <sched.h>
        #include <stddef.h>
        #include <unistd.h>
        #include <sys/file.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <sys/mount.h>
        #include <sys/prctl.h>
        #include <sys/resource.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/uio.h>
        #include <sys/vfs.h>
        #include <linux/falloc.h>
        #include <linux/fs.h>
        #include <linux/io_uring.h>
        #include <linux/time_types.h>
        #include <linux/ublk_cmd.h>
        #include <linux/version.h>

        """;

    /// <summary>Nothing when every assertion holds, else what gcc says.</summary>
    public static string Check(IEnumerable<string> assertions)
    {
        ProcessStartInfo start = new("gcc", ["-std=gnu11", "-fsyntax-only", "-fmax-errors=50", "-x", "c", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process gcc = Start(start);
        Task<string> complaints = gcc.StandardError.ReadToEndAsync();
        gcc.StandardInput.Write(Includes);
        foreach (string assertion in assertions)
            gcc.StandardInput.Write(assertion + "\n");
        gcc.StandardInput.Close();
        gcc.WaitForExit();
        return gcc.ExitCode == 0 ? string.Empty : complaints.Result;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                "The layouts cannot be checked without gcc and the kernel's headers: apt-get install gcc libc6-dev linux-libc-dev", e);
        }
    }
}
