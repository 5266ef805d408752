namespace Ublk.Interop.Tests;

/// <summary>An open file that is gone when disposed.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"ublk-interop-{Guid.NewGuid():N}");
        Fd = Libc.open(Path, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_CLOEXEC, 0b110_000_000);
        if (Fd < 0)
            throw new IOException($"{Path}: {ErrnoName.Describe(Libc.Errno)}");
    }

    public string Path { get; }

    public int Fd { get; }

    public void Dispose()
    {
        _ = Libc.close(Fd);
        _ = Libc.unlink(Path);
    }
}
