namespace Ublk.Engine;

/// <summary>How the bytes of requests travel between the ublk driver and the process.</summary>
public enum DataMode
{
    /// <summary>The best that the driver and the first table allow.</summary>
    Auto,

    /// <summary>The driver copies to and from a buffer that each tag has.</summary>
    Copy,

    /// <summary>The worker copies, by pread and pwrite on the char device, when and where it needs the bytes (Linux 6.5).</summary>
    UserCopy,

    /// <summary>The request's own pages are registered with the worker's ring, and go to the disk as they are (Linux 6.16).</summary>
    ZeroCopy,
}
