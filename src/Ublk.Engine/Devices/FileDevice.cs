using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>A block device, a regular file or memory, by its descriptor.</summary>
public sealed unsafe class FileDevice : LeafDevice
{
    readonly string _name;
    ulong _missingSectors;
    int _noteCount;

    internal FileDevice(
        int fd, string name, string path, bool isBlockDevice, bool isDirect, BlockOps ops, BlockLimits limits, LockedMemory? memory = null)
        : base(Measure(fd, isBlockDevice) ?? 0)
    {
        Fd = fd;
        Memory = memory;
        _name = name;
        Path = path;
        IsBlockDevice = isBlockDevice;
        IsDirect = isDirect;
        Ops = ops;
        Limits = limits;
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
    public override bool IsSparse => !IsBlockDevice && Memory is null;

    /// <inheritdoc/>
    public override ulong MissingSectors => Volatile.Read(ref _missingSectors);

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
        if (IsBehindEnd(sector, into.Length))
            return Errno.IO;
        using var bounce = new NativeBuffer(Math.Clamp(into.Length, Sectors.Bytes, 1 << 20));
        for (int done = 0; done < into.Length;)
        {
            int count = Math.Min(bounce.ByteCount, into.Length - done);
            nint read = Libc.pread(Fd, (void*)bounce.Address, (nuint)count, (long)(sector << Sectors.Shift) + done);
            if (read < 0)
                return KernelErrno.Of(Libc.Errno);
            read -= read % Sectors.Bytes;
            if (read == 0)
            {
                EndsAt(sector + ((ulong)done >> Sectors.Shift));
                return Errno.IO;
            }
            bounce.Span[..(int)read].CopyTo(into.Span[done..]);
            done += (int)read;          // less than asked for: the next one says why
        }
        return Errno.None;
    }));

    /// <inheritdoc/>
    public override ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags) => new(Task.Run(() =>
    {
        if (IsBehindEnd(sector, from.Length))
            return Errno.IO;
        using var bounce = new NativeBuffer(Math.Clamp(from.Length, Sectors.Bytes, 1 << 20));
        for (int done = 0; done < from.Length;)
        {
            int count = Math.Min(bounce.ByteCount, from.Length - done);
            from.Span.Slice(done, count).CopyTo(bounce.Span);
            nint written = Libc.pwrite(Fd, (void*)bounce.Address, (nuint)count, (long)(sector << Sectors.Shift) + done);
            if (written < 0)
                return KernelErrno.Of(Libc.Errno);
            if (written == 0)
                return Errno.IO;
            done += (int)written;       // less than asked for: the next one says why
        }
        return (flags & BlockFlags.Fua) != 0 && Libc.fdatasync(Fd) != 0 ? KernelErrno.Of(Libc.Errno) : Errno.None;
    }));

    /// <inheritdoc/>
    public override ValueTask<ulong> MissingSectorsAsync() => IsSparse ? new(Task.Run(() => MeasureMissing() ?? 0)) : new(0UL);

    /// <inheritdoc/>
    public override ValueTask<Errno> AllocateAsync(ulong sector, ulong sectorCount) => !IsSparse ? new(Errno.None) : new(Task.Run(() =>
    {
        if (sector + sectorCount > EndSector)
            return Errno.IO;
        int failed = Libc.fallocate(Fd, Fcntl.FALLOC_FL_KEEP_SIZE, (long)(sector << Sectors.Shift), (long)(sectorCount << Sectors.Shift)) == 0 ? 0 : Libc.Errno;
        // A file system that cannot promise room: then what is written later may find none.
        return failed == ErrnoCode.EOPNOTSUPP ? Errno.None : KernelErrno.Of(failed);
    }));

    internal override ValueTask<bool> LookAtRoomAsync() => new(LookAtRoom() | LookAtNotes());

    bool LookAtNotes() => Notes().Count() is var count && Interlocked.Exchange(ref _noteCount, count) != count;

    /// <summary>[C] True: the room under it is another than at the last look. May wait for a file server.</summary>
    internal bool LookAtRoom()
    {
        if (!IsSparse || MeasureMissing() is not { } missing || missing == MissingSectors)
            return false;
        Volatile.Write(ref _missingSectors, missing);
        return true;
    }

    /// <summary>A block device that is gone says 0, or nothing: its driver refuses what is sent there. Memory keeps its length.</summary>
    protected override ulong? MeasureSectors() => Memory is null ? Measure(Fd, IsBlockDevice) : null;

    bool IsBehindEnd(ulong sector, int byteCount) => sector + ((ulong)byteCount >> Sectors.Shift) > EndSector;

    static ulong? Measure(int fd, bool isBlockDevice)
    {
        if (isBlockDevice)
            return BlockDevices.SizeBytes(fd) is > 0 and var bytes ? (ulong)bytes >> Sectors.Shift : null;
        Statx stat;
        return Libc.statx(fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_SIZE, &stat) == 0 ? stat.stx_size >> Sectors.Shift : null;
    }

    /// <summary>What the file may still take, less what its file system has; null: not known.</summary>
    ulong? MeasureMissing()
    {
        Statx stat;
        Statfs system;
        if (Libc.statx(Fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_SIZE | Fcntl.STATX_BLOCKS, &stat) != 0 || Libc.fstatfs(Fd, &system) != 0)
            return null;
        ulong sparse = Math.Max(stat.stx_size >> Sectors.Shift, stat.stx_blocks) - stat.stx_blocks;
        ulong free = (ulong)(system.f_bavail * (UInt128)system.f_bsize >> Sectors.Shift);
        return Math.Max(sparse, free) - free;
    }
}
