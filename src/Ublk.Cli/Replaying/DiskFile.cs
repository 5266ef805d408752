using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ublk.Cli.Replaying;

/// <summary>A file or block device with its length, which .NET does not know of a device, and without any buffer of our own.</summary>
sealed partial class DiskFile : IDisposable
{
    const int ReadOnly = 0;
    const int ReadWrite = 2;
    const int Exclusive = 0x80;
    const int CloseOnExec = 0x80000;
    const int SeekEnd = 2;
    const int Busy = 16;

    readonly string _path;
    readonly SafeFileHandle _handle;

    DiskFile(string path, int flags)
    {
        _path = path;
        _handle = Open(path, flags | CloseOnExec);
        if (_handle.IsInvalid) throw Failure(Marshal.GetLastPInvokeError());
        Length = Seek(_handle, 0, SeekEnd);
        if (Length < 0) throw Failure(Marshal.GetLastPInvokeError());
    }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>What is read of it, from its start.</summary>
    public Stream Stream => field ??= new FileStream(_handle, FileAccess.Read, bufferSize: 0);

    /// <summary>True when two paths lead to one file or device.</summary>
    public static bool IsSame(string path, string other) => Resolved(path) == Resolved(other);

    public static DiskFile ToRead(string path) => new(path, ReadOnly);

    /// <summary>To write. A block device that is mounted, or a part of something, is refused by the kernel.</summary>
    public static DiskFile ToWrite(string path) => new(path, ReadWrite | Exclusive);

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (IOException e)
        {
            throw new IOException($"{_path}: writing {bytes.Length} bytes at byte {offset}: {e.Message}", e);
        }
    }

    /// <summary>Everything that was written is durable.</summary>
    public void Sync()
    {
        if (Sync(_handle) != 0) throw Failure(Marshal.GetLastPInvokeError());
    }

    public void Dispose() => _handle.Dispose();

    static string Resolved(string path) => new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    IOException Failure(int error) => new($"{_path}: {new Win32Exception(error).Message}{(error == Busy ? "; it is mounted, or a part of something: end that first" : "")}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);
}
