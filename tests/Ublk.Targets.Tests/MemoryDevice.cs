namespace Ublk.Targets.Tests;

/// <summary>A device for what constructors read and write; the data path is the simulator's.</summary>
sealed class MemoryDevice(string name, ulong sectorCount) : BackingDevice
{
    public byte[] Content { get; } = new byte[sectorCount * Sectors.Bytes];

    public int Writes { get; private set; }

    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => BlockOps.All;

    public override BlockLimits Limits => BlockLimits.None;

    public override string AccessMode => "memory";

    public override string ToString() => name;

    public override ValueTask<Errno> ReadAsync(ulong sector, Memory<byte> into)
    {
        Content.AsMemory((int)(sector * Sectors.Bytes), into.Length).CopyTo(into);
        return new(Errno.None);
    }

    public override ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags)
    {
        Writes++;
        from.CopyTo(Content.AsMemory((int)(sector * Sectors.Bytes)));
        return new(Errno.None);
    }
}
