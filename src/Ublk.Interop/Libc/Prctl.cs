namespace Ublk.Interop;

/// <summary>Options of prctl (linux/prctl.h).</summary>
public static class Prctl
{
    public const int PR_SET_PDEATHSIG = 1;
    public const int PR_GET_DUMPABLE = 3;
    public const int PR_SET_DUMPABLE = 4;

    /// <summary>Name of the calling thread: pointer to at most 16 bytes with the terminating 0.</summary>
    public const int PR_SET_NAME = 15;
    public const int PR_GET_NAME = 16;
    public const int PR_SET_TIMERSLACK = 29;

    /// <summary>
    /// The calling thread's memory allocations must not wait on I/O that it serves itself (Linux 5.6, CAP_SYS_RESOURCE). The
    /// argument is 1 to set, 0 to clear, the other three 0. Inherited by threads and kept over execve.
    /// </summary>
    public const int PR_SET_IO_FLUSHER = 57;
    public const int PR_GET_IO_FLUSHER = 58;
}
