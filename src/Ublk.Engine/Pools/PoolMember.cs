namespace Ublk.Engine;

/// <summary>A device of a pool. [C]</summary>
/// <param name="Word">As the table named it.</param>
/// <param name="Device">The device.</param>
/// <param name="Number">Which one, from 1.</param>
/// <param name="Time">The clock of the control plane.</param>
sealed record PoolMember(string Word, BackingDevice Device, int Number, TimeProvider Time)
{
    /// <summary>It was memory, or is.</summary>
    public bool IsMemory => Device.AccessMode == "memory";

    /// <summary>Sectors behind the superblock that are there now, in units of 4 KiB or the device's logical block.</summary>
    public ulong DataSectorsNow
    {
        get
        {
            ulong unit = Math.Max(BlockBytes, (uint)PoolFormat.SuperblockBytes) / Sectors.Bytes;
            ulong all = Device.SectorCount;
            return all <= PoolFormat.DataSector ? 0 : (all - PoolFormat.DataSector) / unit * unit;
        }
    }

    /// <summary>For one read while a table is loaded: a disk that hangs must not hold up the load for ever.</summary>
    public static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(20);

    uint BlockBytes => Device.Limits.LogicalBlockBytes;

    /// <summary>Room for the superblock, in whole logical blocks.</summary>
    public byte[] NewBlock() => new byte[Math.Max(BlockBytes, (uint)PoolFormat.SuperblockBytes)];

    public async ValueTask<byte[]> ReadAsync(ulong sector, byte[] into)
    {
        try
        {
            return await Device.ReadAsync(sector, into).AsTask().WaitAsync(ReadLimit, Time) is not Errno.None and var error
                ? throw Refused($"cannot be read at sector {sector}: {error}")
                : into;
        }
        catch (TimeoutException)
        {
            throw Refused($"could not be read within {ReadLimit.TotalSeconds:0} s; is its disk stuck?");
        }
    }

    /// <summary>Durable when done.</summary>
    public async ValueTask WriteAsync(ulong sector, byte[] from)
    {
        if (await Device.WriteAsync(sector, from, BlockFlags.Fua) is not Errno.None and var error)
            throw Refused($"cannot be written at sector {sector}: {error}");
    }

    public BackingException Refused(string why) => new($"member {Number}, {Word}, {why}");
}
