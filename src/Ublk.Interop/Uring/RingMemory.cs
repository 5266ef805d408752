namespace Ublk.Interop;

/// <summary>The descriptor and the two mappings of a ring.</summary>
internal sealed unsafe class RingMemory : IDisposable
{
    private readonly nuint _ringBytes;
    private readonly nuint _sqesBytes;

    private RingMemory(int fd, byte* ring, nuint ringBytes, byte* sqes, nuint sqesBytes)
    {
        Fd = fd;
        Ring = ring;
        _ringBytes = ringBytes;
        Sqes = sqes;
        _sqesBytes = sqesBytes;
    }

    /// <summary>A ring that nobody disposed must not leak: its in-flight I/O would go on for ever.</summary>
    ~RingMemory() => Release();

    public int Fd { get; private set; }

    /// <summary>Both rings (IORING_FEAT_SINGLE_MMAP, Linux 5.4).</summary>
    public byte* Ring { get; }

    public byte* Sqes { get; }

    /// <summary>Sets up a ring as <paramref name="p"/> asks, and fills in what the kernel answered.</summary>
    public static RingMemory Map(uint entries, ref IoUringParams p)
    {
        IoUringSetup asked = p.Flags;
        int fd;
        fixed (IoUringParams* pointer = &p)
            fd = Libc.io_uring_setup(entries, pointer);
        if (fd < 0)
            throw UringException.Setup(Libc.Errno, entries, asked);

        try
        {
            Require(in p, IoUringFeat.IORING_FEAT_SINGLE_MMAP, "SINGLE_MMAP", "5.4");
            Require(in p, IoUringFeat.IORING_FEAT_NODROP, "NODROP", "5.5");
            Require(in p, IoUringFeat.IORING_FEAT_EXT_ARG, "EXT_ARG", "5.11");

            nuint sqeBytes = (p.Flags & IoUringSetup.SQE128) != 0 ? 128u : 64u;
            nuint cqeBytes = (p.Flags & IoUringSetup.CQE32) != 0 ? 32u : 16u;
            bool hasArray = (p.Flags & IoUringSetup.NO_SQARRAY) == 0;
            nuint sqEnd = hasArray ? p.SqOff.Array + ((nuint)p.SqEntries * sizeof(uint)) : 0;
            nuint cqEnd = p.CqOff.Cqes + (p.CqEntries * cqeBytes);
            nuint ringBytes = nuint.Max(sqEnd, cqEnd);
            nuint sqesBytes = p.SqEntries * sqeBytes;

            byte* ring = MapShared(fd, ringBytes, IoUringEnter.IORING_OFF_SQ_RING);
            byte* sqes;
            try
            {
                sqes = MapShared(fd, sqesBytes, IoUringEnter.IORING_OFF_SQES);
            }
            catch
            {
                _ = Libc.munmap(ring, ringBytes);
                throw;
            }

            return new RingMemory(fd, ring, ringBytes, sqes, sqesBytes);
        }
        catch
        {
            _ = Libc.close(fd);
            throw;
        }
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private static void Require(in IoUringParams p, uint feature, string name, string since)
    {
        if ((p.Features & feature) == 0)
            throw UringException.Missing(name, since);
    }

    private static byte* MapShared(int fd, nuint bytes, long offset)
    {
        void* mapped = Libc.mmap(null, bytes, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED | Mman.MAP_POPULATE, fd, offset);
        return mapped == Mman.MAP_FAILED ? throw UringException.Mapping(Libc.Errno, bytes) : (byte*)mapped;
    }

    private void Release()
    {
        if (Fd < 0)
            return;
        _ = Libc.munmap(Sqes, _sqesBytes);
        _ = Libc.munmap(Ring, _ringBytes);
        _ = Libc.close(Fd);
        Fd = -1;
    }
}
