namespace Ublk;

/// <summary>
/// Something a target stands on: a block device, a file, memory, or another ublk-dm device in this process. One instance per device
/// and process, so identity is reference equality. Opened through <see cref="TableLine"/>, which also closes it.
/// </summary>
public abstract class BackingDevice
{
    /// <summary>Size in sectors now.</summary>
    public abstract ulong SectorCount { get; }

    /// <summary>
    /// [any thread] It was longer once since it was opened. Every request that goes behind its end fails with EIO, and it does not grow
    /// again before it is opened anew: what comes back there need not be what was there. <see cref="Target.NoticeAsync"/> tells a target.
    /// </summary>
    public virtual bool HasShrunk => false;

    /// <summary>It is a regular file, or has one in it: a write behind its end would make it longer, and it may have holes.</summary>
    public virtual bool IsSparse => false;

    /// <summary>[any thread] What <see cref="MissingSectorsAsync"/> found when the engine last asked, about a second ago.</summary>
    public virtual ulong MissingSectors => 0;

    /// <summary>What it can do.</summary>
    public abstract BlockOps Ops { get; }

    /// <summary>What its requests must look like, and how it likes them.</summary>
    public abstract BlockLimits Limits { get; }

    /// <summary>Whose turn it is to use it, where tables hand it on.</summary>
    public DeviceTurn Turn { get; } = new();

    /// <summary>How it is written to, for people: <c>direct</c>, <c>buffered</c>, <c>memory</c> or <c>in-process</c>.</summary>
    public abstract string AccessMode { get; }

    /// <summary>
    /// [C] Reads whole logical blocks, for constructors and recovery, never for the data path.
    /// The length must be a multiple of the logical block.
    /// </summary>
    public abstract ValueTask<Errno> ReadAsync(ulong sector, Memory<byte> into);

    /// <summary>[C] Writes whole logical blocks; with <see cref="BlockFlags.Fua"/> durable when it completes.</summary>
    public abstract ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags);

    /// <summary>
    /// [C] Sectors that a sparse file may still have to take and its file system has no room for now; 0: it can hold what it promises.
    /// </summary>
    public virtual ValueTask<ulong> MissingSectorsAsync() => new(0UL);

    /// <summary>
    /// [C] Takes room for sectors of a file that has holes there, without changing what they read as: a later write to them does not
    /// run out of it, unless the file system moves what is overwritten. On anything else nothing is to be done. ENOSPC: there is no room.
    /// </summary>
    public virtual ValueTask<Errno> AllocateAsync(ulong sector, ulong sectorCount) => new(Errno.None);

    /// <summary>
    /// The device as a table or a status line prints it, which programs read: <c>major:minor</c>, the path of a file, <c>mem:SIZE</c>, or a pool's members
    /// joined by <c>+</c>.
    /// </summary>
    public virtual string Word => ToString();

    /// <summary>The device as people know it, for messages: by the name it was given when it was opened, also when nothing has that name any more.</summary>
    public abstract override string ToString();
}
