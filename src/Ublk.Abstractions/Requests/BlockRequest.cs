namespace Ublk;

/// <summary>
/// One request on its way through a stack. [W] Valid for a target until the <see cref="MapResult"/> it returned is final.
/// The engine owns it, pools it and completes it exactly once.
/// </summary>
public abstract class BlockRequest : IoSource<Errno>
{
    /// <summary>What is asked.</summary>
    public BlockOp Op { get; protected set; }

    /// <summary>Modifiers.</summary>
    public BlockFlags Flags { get; protected set; }

    /// <summary>First sector, counted from the target's own first sector.</summary>
    public ulong Sector { get; protected set; }

    /// <summary>Length in sectors; 0 for a flush.</summary>
    public ulong SectorCount { get; protected set; }

    /// <summary>The bytes of a read or write; empty otherwise. Only targets with <see cref="Target.SeesData"/> may look.</summary>
    public IoBytes Data { get; protected set; }

    /// <summary>Hands the request on to a device, at a sector of that device, and forgets it: the cheapest way (about 10 ns a layer).</summary>
    public MapResult Remap(BackingDevice device, ulong sector) => new(device, sector);
}
