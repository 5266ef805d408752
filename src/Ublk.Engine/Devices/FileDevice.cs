using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>A block device, a regular file or memory, by its descriptor.</summary>
public sealed unsafe class FileDevice : LeafDevice
{
    readonly string _name;
    readonly ulong _fixedSectorCount;

    internal FileDevice(
        int fd, string name, string path, bool isBlockDevice, bool isDirect, BlockOps ops, BlockLimits limits, LockedMemory? memory = null)
    {
        Fd = fd;
        Memory = memory;
        _name = name;
        Path = path;
        IsBlockDevice = isBlockDevice;
        IsDirect = isDirect;
        Ops = ops;
        Limits = limits;
        _fixedSectorCount = ReadSectorCount();
    }

    /// <summary>The descriptor.</summary>
    public int Fd { get; }

    /// <summary>The path it was opened by first.</summary>
    public string Path { get; }

    /// <summary>Which block device or file it is; nothing for memory.</summary>
    internal StorageIdentity Identity { get; init; }

    /// <summary>[C] What whoever stands on it should know.</summary>
    internal IEnumerable<FileNote> Notes()
    {
        if (IsBlockDevice || Memory is not null || TryStat() is not { } stat)
            yield break;
        if (stat.stx_nlink == 0)
        {
            yield return new(Path, "was deleted while it is in use",
                "what is in it is gone when the device is; as long as it is up: stop the writers and copy it from /proc/"
                + $"{Environment.ProcessId}/fd/{Fd}");
        }
        if ((uint)stat.stx_size % Sectors.Bytes is > 0 and var tail)
        {
            yield return new(Path, $"has {tail} bytes behind its last whole sector, which are left out",
                $"to have them, give the file whole sectors: truncate -s %{Sectors.Bytes} FILE, and load the table again");
        }
    }

    Statx? TryStat()
    {
        Statx stat;
        return Libc.statx(Fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_BASIC_STATS, &stat) == 0 ? stat : null;
    }

    /// <summary>The memory it is, if it is memory.</summary>
    internal LockedMemory? Memory { get; }

    /// <summary>False for a regular file.</summary>
    public bool IsBlockDevice { get; }

    /// <summary>Opened with O_DIRECT. Otherwise the page cache is between, and durability comes from flushes alone.</summary>
    public bool IsDirect { get; }

    /// <summary>[W] It has been found not to know FALLOC_FL_PUNCH_HOLE: zeroes that may unmap go as a zero range. Only ever set.</summary>
    internal volatile bool HasNoPunchHole;

    /// <summary>[W] It has been found not to know FALLOC_FL_ZERO_RANGE: zeroes go as writes. Only ever set.</summary>
    internal volatile bool HasNoZeroRange;

    /// <inheritdoc/>
    public override ulong SectorCount => ReadSectorCount() is var now and > 0 ? now : _fixedSectorCount;

    /// <inheritdoc/>
    public override BlockOps Ops { get; }

    /// <inheritdoc/>
    public override BlockLimits Limits { get; }

    /// <inheritdoc/>
    public override string AccessMode => Memory is not null ? "memory" : IsDirect ? "direct" : "buffered";

    /// <inheritdoc/>
    public override string Word => _name;

    /// <inheritdoc/>
    public override string ToString() => Path;

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(ulong sector, Memory<byte> into) => new(Task.Run(() =>
    {
        using var bounce = new NativeBuffer(Math.Clamp(into.Length, Sectors.Bytes, 1 << 20));
        for (int done = 0; done < into.Length;)
        {
            int count = Math.Min(bounce.ByteCount, into.Length - done);
            if (Libc.pread(Fd, (void*)bounce.Address, (nuint)count, (long)(sector << Sectors.Shift) + done) != count)
                return Libc.Errno is > 0 and var errno ? (Errno)errno : Errno.IO;
            bounce.Span[..count].CopyTo(into.Span[done..]);
            done += count;
        }
        return Errno.None;
    }));

    /// <inheritdoc/>
    public override ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags) => new(Task.Run(() =>
    {
        using var bounce = new NativeBuffer(Math.Clamp(from.Length, Sectors.Bytes, 1 << 20));
        for (int done = 0; done < from.Length;)
        {
            int count = Math.Min(bounce.ByteCount, from.Length - done);
            from.Span.Slice(done, count).CopyTo(bounce.Span);
            if (Libc.pwrite(Fd, (void*)bounce.Address, (nuint)count, (long)(sector << Sectors.Shift) + done) != count)
                return Libc.Errno is > 0 and var errno ? (Errno)errno : Errno.IO;
            done += count;
        }
        return (flags & BlockFlags.Fua) != 0 && Libc.fdatasync(Fd) != 0 ? (Errno)Libc.Errno : Errno.None;
    }));

    /// <inheritdoc/>
    public override ValueTask<ulong> MissingSectorsAsync() => IsBlockDevice || Memory is not null ? new(0UL) : new(Task.Run(() =>
    {
        Statx stat;
        if (Libc.statx(Fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_SIZE | Fcntl.STATX_BLOCKS, &stat) != 0)
            return 0UL;
        ulong sparse = Math.Max(stat.stx_size >> Sectors.Shift, stat.stx_blocks) - stat.stx_blocks;
        try
        {
            ulong free = (ulong)new DriveInfo(Path).AvailableFreeSpace >> Sectors.Shift;
            return Math.Max(sparse, free) - free;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0UL;     // the file has no name any more, so nobody can say of what file system it is
        }
    }));

    ulong ReadSectorCount()
    {
        if (IsBlockDevice)
            return BlockDevices.SizeBytes(Fd) is >= 0 and var bytes ? (ulong)bytes >> Sectors.Shift : 0;
        Statx stat;
        return Libc.statx(Fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_SIZE, &stat) == 0 ? stat.stx_size >> Sectors.Shift : 0;
    }
}
