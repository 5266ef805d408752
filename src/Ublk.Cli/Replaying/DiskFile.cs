using Microsoft.Win32.SafeHandles;
using Ublk.Interop;

namespace Ublk.Cli.Replaying;

/// <summary>A file or block device with its length, which .NET does not know of a device, and without any buffer of our own.</summary>
sealed class DiskFile : IDisposable
{
    readonly string _path;
    readonly SafeFileHandle _handle;

    DiskFile(string path, SafeFileHandle handle, StorageIdentity identity, long length)
    {
        _path = path;
        _handle = handle;
        Identity = identity;
        Length = length;
    }

    /// <summary>Which one it is, whatever path leads to it.</summary>
    public StorageIdentity Identity { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>What is read of it, from its start.</summary>
    public Stream Stream => field ??= new FileStream(_handle, FileAccess.Read, bufferSize: 0);

    public static DiskFile ToRead(string path)
    {
        using var node = StorageNode.Find(path, out int errno) ?? throw new IOException($"{path}: {ErrnoName.Describe(errno)}");
        if (!node.IsStorage) throw new IOException($"{path}: is neither a block device nor a regular file");
        int fd = node.Open(Fcntl.O_RDONLY);
        if (fd < 0) throw new IOException($"{path}: {ErrnoName.Describe(Libc.Errno)}");
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        return new(path, handle, node.Identity, node.IsBlockDevice ? BlockDevices.SizeBytes(fd) : BlockPaths.LengthOf(fd));
    }

    /// <summary>To write; what somebody uses is refused. It must be the one that it was the last time, if that is given.</summary>
    public static DiskFile ToWrite(string path, StorageIdentity? last = null)
    {
        var file = ExclusiveFile.Open(path);
        if (last is null || last == file.Identity) return new(path, file.Handle, file.Identity, file.Length);
        file.Dispose();
        throw new IOException($"{path}: is another one than before; somebody replaced it meanwhile");
    }

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
    public void Sync() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();
}
