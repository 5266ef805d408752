using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// Opens block devices, files and memory. [C] any thread. Each is opened once for the process: block devices with O_EXCL (so that neither a
/// mount nor the kernel's device-mapper can take them too), files under flock, and neither when a loop device stands on it. What was checked is
/// what is opened (<see cref="StorageNode"/>).
/// </summary>
public sealed class FileLeaves : LeafSource
{
    static readonly TimeSpan s_openLimit = TimeSpan.FromSeconds(20);

    static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    readonly Dictionary<Key, Open> _open = [];
    Timer? _looks;

    /// <inheritdoc/>
    /// <remarks>A path may be on a file server that does not answer: the open has a time limit, and no lock is held meanwhile.</remarks>
    public override async ValueTask<(LeafDevice Device, bool Created)> AcquireAsync(
        string word, object owner, ulong? createSectors, Func<DeviceNumber, bool> isOurs, CancellationToken ct)
    {
        Task<(LeafDevice Device, bool Created)> acquired = Task.Run(
            () => MemoryWord.Is(word) ? (AcquireMemory(word, owner), false) : Acquire(word, createSectors, isOurs), CancellationToken.None);
        try
        {
            return await acquired.WaitAsync(s_openLimit, ct);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _ = acquired.ContinueWith(late => Release(late.Result.Device, late.Result.Created), TaskContinuationOptions.OnlyOnRanToCompletion);
            if (e is OperationCanceledException)
                throw;
            throw new BackingException($"did not open within {s_openLimit.TotalSeconds:0} s; is its disk or file server stuck?");
        }
    }

    /// <inheritdoc/>
    public override Task<string?> FindSignatureAsync(BackingDevice device, CancellationToken ct) => SignatureCheck.FindAsync(device, ct);

    /// <inheritdoc/>
    public override void Release(LeafDevice device, bool delete)
    {
        var file = (FileDevice)device;
        lock (_lock)
        {
            (Key key, Open open) = _open.First(one => one.Value.Is(file));
            if (!LetGo(key, open))
                return;
        }
        if (delete && StorageNode.IdentityAt(file.Path) is { } there && there == file.Identity)
            _ = Libc.unlink(file.Path);
        if (file.Memory is { } memory)
            memory.Dispose();
        else
            _ = Libc.close(file.Fd);
    }

    LeafDevice AcquireMemory(string word, object owner)
    {
        return Share(new Key(default, 0, owner, word), () => OpenMemory(word));
    }

    static FileDevice OpenMemory(string word)
    {
        var memory = new LockedMemory(word, MemoryWord.Bytes(word));
        uint page = (uint)Environment.SystemPageSize;
        // No discard and no hole: what is given back to the system would not be locked when it comes again.
        BlockLimits limits = BlockLimits.None with { PhysicalBlockBytes = page };
        return new FileDevice(memory.Fd, word, word, isBlockDevice: false, isDirect: false, BlockOps.All & ~BlockOps.Discard, limits, memory)
        {
            HasNoPunchHole = true,
            HasNoZeroRange = true,
        };
    }

    (LeafDevice Device, bool Created) Acquire(string word, ulong? createSectors, Func<DeviceNumber, bool> isOurs)
    {
        string path = DeviceNumber.TryParse(word, out DeviceNumber number) ? NodeOf(number) : word;
        if (path.Length == 0 || path[0] != '/')
            throw new BackingException("is neither major:minor, nor mem:SIZE, nor an absolute path; write the path from / on");
        StorageIdentity? created = createSectors is { } sectors ? Create(path, sectors, isOurs) : null;
        try
        {
            return (Acquire(path, created, isOurs), created is not null);
        }
        catch when (created is not null && StorageNode.IdentityAt(path) == created)
        {
            _ = Libc.unlink(path);
            throw;
        }
    }

    static string NodeOf(DeviceNumber number) =>
        BlockPaths.SysFolder(number) is { } folder
            ? $"/dev/{Path.GetFileName(folder)}"
            : throw new BackingException("no such block device");

    /// <summary>Creates a sparse file; null when something is there.</summary>
    static StorageIdentity? Create(string path, ulong sectorCount, Func<DeviceNumber, bool> isOurs)
    {
        if (File.Exists(path) || Directory.Exists(path))
            return null;
        if (BlockPaths.IsInDev(path))
            throw new BackingException("no such device");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (!Directory.Exists(folder))
            throw new BackingException($"cannot be created: there is no folder {folder}");
        RefuseOurs(BlockPaths.FileSystemDevicesOf(folder), isOurs);
        int fd = Libc.open(path, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_CLOEXEC, 0x180 /* 0600 */);
        if (fd < 0)
            throw new BackingException($"cannot be created: {ErrnoName.Describe(Libc.Errno)}");
        int failed = Libc.ftruncate(fd, (long)(sectorCount << Sectors.Shift)) == 0 ? 0 : Libc.Errno;
        StorageIdentity? made = StorageNode.IdentityAt($"/proc/self/fd/{fd}");
        _ = Libc.close(fd);
        if (failed == 0)
            return made;
        _ = Libc.unlink(path);
        throw new BackingException($"cannot be made {sectorCount} sectors long: {ErrnoName.Describe(failed)}");
    }

    FileDevice Acquire(string path, StorageIdentity? created, Func<DeviceNumber, bool> isOurs)
    {
        using StorageNode node = StorageNode.Find(path, out int errno)
            ?? throw new BackingException(errno == ErrnoCode.ENOENT && BlockPaths.IsInDev(path) ? "no such device" : ErrnoName.Describe(errno));
        if (!node.IsStorage)
            throw new BackingException(node.IsOfKernel ? "is no storage but a view into the kernel" : "is neither a block device nor a regular file");
        if (created is not null && created != node.Identity)
            throw new BackingException("became another one while it was created; try again");
        return Share(new Key(node.Identity.Number, node.Identity.Inode), () => OpenStorage(node, path, isOurs));
    }

    static FileDevice OpenStorage(StorageNode node, string path, Func<DeviceNumber, bool> isOurs)
    {
        RefuseOurs(node.IsBlockDevice ? [node.Identity.Number] : BlockPaths.FileSystemDevicesOf(node.Path), isOurs);
        // Before it is opened: what a loop device stands on may be on a file server that does not answer, and then nothing is held.
        string? loop = LoopDevices.On(node.Identity);
        if (loop is not null)
            throw new BackingException($"is in use by {loop}; detach that first: losetup --detach {loop}");
        FileDevice device = node.IsBlockDevice ? OpenBlockDevice(node, path) : OpenFile(node, path);
        if (device.SectorCount == 0)
        {
            _ = Libc.close(device.Fd);
            throw new BackingException("is empty (no whole sector)");
        }
        device.LookAtRoom();
        return device;
    }

    /// <summary>Each on a thread of its own: a file server that does not answer holds up no other, and is not asked again meanwhile.</summary>
    void Look()
    {
        Open[] due;
        lock (_lock)
            due = [.. _open.Values.Where(open => open.TryBeginLook())];
        foreach (Open open in due)
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await LookAtAsync(open.Device);
                }
                finally
                {
                    open.EndLook();
                }
            });
        }
    }

    /// <summary>Of several that ask at once one opens, and the others wait for it: its claim would refuse theirs.</summary>
    FileDevice Share(Key key, Func<FileDevice> opens)
    {
        Open? open;
        lock (_lock)
        {
            if (!_open.TryGetValue(key, out open))
                _open.Add(key, open = new Open(opens));
            open.Users++;
            _looks ??= new Timer(_ => Look(), null, s_lookInterval, s_lookInterval);
        }
        try
        {
            return open.Device;
        }
        catch
        {
            lock (_lock)
                LetGo(key, open);
            throw;
        }
    }

    /// <summary>True when that was the last user.</summary>
    bool LetGo(Key key, Open open)
    {
        if (--open.Users > 0)
            return false;
        _open.Remove(key);
        if (_open.Count == 0)
        {
            _looks?.Dispose();
            _looks = null;
        }
        return true;
    }

    /// <summary>What stands on one of our devices through the kernel cannot carry one: its writeback would wait for itself.</summary>
    static void RefuseOurs(DeviceNumber[] tops, Func<DeviceNumber, bool> isOurs)
    {
        if (BlockPaths.FindBelow(tops, isOurs) is { } ours)
        {
            throw new BackingException($"lives on {NodeOf(ours)}, which is a device of ublk-dm: under memory pressure the two would wait for each other; "
                + "use a device or file system that does not stand on ublk-dm");
        }
    }

    static FileDevice OpenBlockDevice(StorageNode node, string path)
    {
        DeviceNumber number = node.Identity.Number;
        int flags = Fcntl.O_DIRECT | Fcntl.O_EXCL;
        bool isWritable = true;
        int fd = node.Open(flags | Fcntl.O_RDWR);
        if (fd < 0 && Libc.Errno is ErrnoCode.EROFS or ErrnoCode.EACCES)
        {
            isWritable = false;
            fd = node.Open(flags | Fcntl.O_RDONLY);
        }
        if (fd < 0)
        {
            int errno = Libc.Errno;
            if (errno == ErrnoCode.EBUSY)
            {
                throw new BackingException(Holders.InKernel(number) is { } use
                    ? $"is {use}; unmount or close it there first"
                    : "is in use by another process or device (EBUSY); close it there first");
            }
            throw new BackingException(errno == ErrnoCode.ENXIO ? "no such device (its driver has none with this number)" : ErrnoName.Describe(errno));
        }
        if (isWritable && BlockDevices.IsReadOnly(fd) == 1)
            isWritable = false;
        BlockLimits limits = LeafLimits.OfBlockDevice(number);
        limits.LogicalBlockBytes = Math.Max(BlockDevices.LogicalBlockBytes(fd), limits.LogicalBlockBytes);
        // The ring's discard command exists since Linux 6.12; before, a discard would need a blocking ioctl.
        bool canDiscard = limits.DiscardSectors > 0 && Environment.OSVersion.Version >= new Version(6, 12);
        BlockOps ops = BlockOps.Read | BlockOps.Flush;
        if (isWritable)
            ops |= BlockOps.Write | BlockOps.WriteZeroes | (canDiscard ? BlockOps.Discard : BlockOps.None);
        return new FileDevice(fd, number.ToString(), path, isBlockDevice: true, isDirect: true, ops, limits) { Identity = node.Identity };
    }

    static FileDevice OpenFile(StorageNode node, string path)
    {
        Statx stat = node.Stat;
        bool hasNoDirect = (stat.stx_mask & Fcntl.STATX_DIOALIGN) != 0 && stat.stx_dio_offset_align == 0;
        bool isDirect = !hasNoDirect;
        bool isWritable = true;
        int fd = OpenAs(Fcntl.O_RDWR);
        if (fd < 0 && Libc.Errno is ErrnoCode.EROFS or ErrnoCode.EACCES)
        {
            isWritable = false;
            fd = OpenAs(Fcntl.O_RDONLY);
        }
        if (fd < 0)
            throw new BackingException(ErrnoName.Describe(Libc.Errno));
        if (Libc.flock(fd, Fcntl.LOCK_EX | Fcntl.LOCK_NB) != 0)
        {
            _ = Libc.close(fd);
            throw new BackingException("is locked by another process (flock); close it there first");
        }
        BlockOps ops = isWritable ? BlockOps.All : BlockOps.Read | BlockOps.Flush;
        return new FileDevice(
            fd, TableWord.Quote(Path.GetFullPath(path)), path, isBlockDevice: false, isDirect, ops, LeafLimits.OfFile(node.Path, in stat, isDirect))
        {
            Identity = node.Identity,
        };

        int OpenAs(int mode)
        {
            int opened = node.Open(mode | (isDirect ? Fcntl.O_DIRECT : 0));
            if (opened >= 0 || Libc.Errno != ErrnoCode.EINVAL || !isDirect)
                return opened;
            isDirect = false;
            return node.Open(mode);
        }
    }

    readonly record struct Key(DeviceNumber Number, ulong Inode, object? Owner = null, string? Word = null);

    sealed class Open(Func<FileDevice> opens)
    {
        readonly Lazy<FileDevice> _device = new(opens);
        int _isLookedAt;

        /// <summary>Opened by the first who asks; throws what that one got.</summary>
        public FileDevice Device => _device.Value;

        public int Users { get; set; }

        public bool Is(FileDevice device) => _device.IsValueCreated && _device.Value == device;

        public bool TryBeginLook() => _device is { IsValueCreated: true, Value.Memory: null } && Interlocked.Exchange(ref _isLookedAt, 1) == 0;

        public void EndLook() => Volatile.Write(ref _isLookedAt, 0);
    }
}
