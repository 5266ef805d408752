namespace Ublk.Targets.Tests;

/// <summary>A device for what constructors read and write; the data path is the simulator's.</summary>
sealed class MemoryDevice(string name, ulong sectorCount) : BackingDevice
{
    readonly List<(ulong Sector, Memory<byte> Into, TaskCompletionSource<Errno> Done)> _held = [];

    public byte[] Content { get; } = new byte[sectorCount * Sectors.Bytes];

    public int Reads { get; private set; }

    public int Writes { get; private set; }

    /// <summary>Reads and writes that went behind the end; they fail.</summary>
    public int Beyond { get; private set; }

    /// <summary>Reads wait until <see cref="Release"/> lets them go.</summary>
    public bool HoldsReads { get; set; }

    /// <summary>Reads that are held now.</summary>
    public int Held => _held.Count;

    /// <summary>Reads from this sector on fail.</summary>
    public ulong UnreadableFrom { get; set; } = ulong.MaxValue;

    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => BlockOps.All;

    public override BlockLimits Limits => BlockLimits.None;

    public override string AccessMode => "memory";

    public override string ToString() => name;

    public override ValueTask<Errno> ReadAsync(ulong sector, Memory<byte> into)
    {
        Reads++;
        if (!HoldsReads)
            return new(Read(sector, into));
        var done = new TaskCompletionSource<Errno>();
        _held.Add((sector, into, done));
        return new(done.Task);
    }

    public override ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags)
    {
        Writes++;
        if (IsBeyond(sector, from.Length))
            return new(Errno.IO);
        from.CopyTo(Content.AsMemory((int)(sector * Sectors.Bytes)));
        return new(Errno.None);
    }

    /// <summary>Answers one of the held reads.</summary>
    public void Release(int index)
    {
        (ulong sector, Memory<byte> into, TaskCompletionSource<Errno> done) = _held[index];
        _held.RemoveAt(index);
        done.SetResult(Read(sector, into));
    }

    Errno Read(ulong sector, Memory<byte> into)
    {
        if (IsBeyond(sector, into.Length) || sector >= UnreadableFrom)
            return Errno.IO;
        Content.AsMemory((int)(sector * Sectors.Bytes), into.Length).CopyTo(into);
        return Errno.None;
    }

    bool IsBeyond(ulong sector, int byteCount)
    {
        bool isBeyond = sector > sectorCount || (ulong)byteCount / Sectors.Bytes > sectorCount - sector;
        if (isBeyond)
            Beyond++;
        return isBeyond;
    }
}
