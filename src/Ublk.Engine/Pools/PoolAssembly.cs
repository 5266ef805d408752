using System.Security.Cryptography;

namespace Ublk.Engine;

/// <summary>
/// Reads the superblocks of a pool's members, or writes them where none is. [C] What does not fit is refused, with the member, the reason
/// and what to do, and nothing is written.
/// </summary>
static class PoolAssembly
{
    const ulong LeastDataSectors = PoolFormat.DataUnit;

    /// <summary>The members' data in sectors, and whether the pool is new.</summary>
    /// <param name="members">In the order of the table.</param>
    /// <param name="isWritable">A new pool may be made.</param>
    /// <param name="force">A new pool may be made over what is there, unless that is another pool, or this one in another order.</param>
    /// <param name="leaves">Tells what members hold.</param>
    /// <exception cref="BackingException">They are no pool, and cannot become one.</exception>
    public static async Task<(ulong[] DataSectors, bool IsNew)> OpenAsync(IReadOnlyList<PoolMember> members, bool isWritable, bool force, LeafSource leaves)
    {
        foreach (PoolMember member in members)
        {
            if (member.DataSectorsNow < LeastDataSectors)
            {
                throw member.Refused($"has {member.Device.SectorCount} sectors; a member of a pool needs {PoolFormat.DataSector + LeastDataSectors} "
                    + "(2 MiB) or more");
            }
        }
        var found = new PoolSuperblock?[members.Count];
        for (int i = 0; i < members.Count; i++)
            found[i] = await ReadAsync(members[i]);
        int first = Array.FindIndex(found, one => one is not null);
        if (first >= 0)
        {
            CheckPlaces(members, found, first);
            if (Array.TrueForAll(found, one => one is not null))
                return (await TakeAsync(members, found, isWritable), false);
            if (!force)
                throw Unfinished(members, found, members[first]);
        }
        if (!isWritable)
            throw new BackingException("is no pool yet, and would only be read; write to it first");
        return (await MakeAsync(members, force, leaves), true);
    }

    /// <summary>Takes back what a load that failed has made.</summary>
    public static async Task UnmakeAsync(IReadOnlyList<PoolMember> members)
    {
        await members[0].Device.WriteAsync(PoolFormat.DataSector, members[0].NewBlock(), BlockFlags.Fua);
        foreach (PoolMember member in members)
            await member.Device.WriteAsync(0, member.NewBlock(), BlockFlags.Fua);
    }

    static async Task<PoolSuperblock?> ReadAsync(PoolMember member)
    {
        byte[] block = await member.ReadAsync(0, member.NewBlock());
        if (!PoolFormat.HasMagic(block))
            return null;
        uint version = PoolFormat.ReadVersion(block);
        if (version != PoolFormat.Version)
            throw member.Refused($"belongs to a pool of format version {version}; this program knows version {PoolFormat.Version}");
        return PoolFormat.Read(block) ?? throw member.Refused($"has a damaged pool superblock (wrong checksum). {Wipe(member)}");
    }

    /// <summary>Every member that has a superblock must be of one pool, and in its place.</summary>
    static void CheckPlaces(IReadOnlyList<PoolMember> members, PoolSuperblock?[] found, int first)
    {
        PoolSuperblock pool = found[first]!.Value;
        for (int i = 0; i < found.Length; i++)
        {
            if (found[i] is not { } one)
                continue;
            if (one.PoolId != pool.PoolId)
                throw members[i].Refused($"belongs to another pool than member {members[first].Number}, {members[first].Word}. {Wipe(members[i])}");
            if (one.MemberCount != found.Length)
                throw members[i].Refused($"belongs to a pool of {one.MemberCount} members, and the table names {found.Length}; name all of them, in their order");
            if (one.Index != i)
                throw members[i].Refused($"is member {one.Index + 1} of its pool; name the members in the order in which the pool was made{Order(members, found)}");
        }
    }

    static string Order(IReadOnlyList<PoolMember> members, PoolSuperblock?[] found) =>
        found.Select(one => one?.Index).Distinct().Count() == found.Length && Array.TrueForAll(found, one => one is not null)
            ? $": {string.Join('+', members.OrderBy(member => found[member.Number - 1]!.Value.Index).Select(member => member.Word))}"
            : "";

    /// <summary>Some have a superblock and some have not: memory is gone, or the power failed while it was made.</summary>
    static BackingException Unfinished(IReadOnlyList<PoolMember> members, PoolSuperblock?[] found, PoolMember other)
    {
        PoolMember without = members[Array.FindIndex(found, one => one is null)];
        return without.IsMemory
            ? without.Refused("is new: it was memory, and what was in it is gone with the device or the daemon, so what the pool held is lost. "
                + "--force makes a new, empty pool of the members")
            : without.Refused($"is no member of a pool, but member {other.Number}, {other.Word}, is: it was replaced or wiped, or the pool was "
                + "never finished. --force makes a new, empty pool of the members");
    }

    static async Task<ulong[]> TakeAsync(IReadOnlyList<PoolMember> members, PoolSuperblock?[] found, bool isWritable)
    {
        ulong[] dataSectors = [.. found.Select(one => one!.Value.DataSectors)];
        for (int i = 0; i < members.Count; i++)
        {
            if (members[i].DataSectorsNow < dataSectors[i])
            {
                throw members[i].Refused($"has shrunk: it had {dataSectors[i]} sectors behind its first {PoolFormat.DataSector} and has "
                    + $"{members[i].DataSectorsNow}; extend it again");
            }
        }
        PoolMember last = members[^1];
        if (isWritable && last.DataSectorsNow > dataSectors[^1])
            await WriteAsync(last, found[^1]!.Value with { DataSectors = dataSectors[^1] = last.DataSectorsNow });
        return dataSectors;
    }

    /// <summary>
    /// Before the first superblock is there, the start of the data is durably zero: whoever keeps something in the pool begins anew. They are
    /// written in order, each durable before the next, so when the power fails meanwhile the last member has none and the pool is refused.
    /// </summary>
    static async Task<ulong[]> MakeAsync(IReadOnlyList<PoolMember> members, bool force, LeafSource leaves)
    {
        if (!force)
        {
            foreach (PoolMember member in members)
                await CheckHoldsNothingAsync(member, leaves);
        }
        await members[0].WriteAsync(PoolFormat.DataSector, members[0].NewBlock());
        var id = new Guid(RandomNumberGenerator.GetBytes(16));
        ulong[] dataSectors = [.. members.Select(member => member.DataSectorsNow)];
        for (int i = 0; i < members.Count; i++)
        {
            if (i + 1 < members.Count)
                dataSectors[i] = dataSectors[i] / PoolFormat.DataUnit * PoolFormat.DataUnit;
            await WriteAsync(members[i], new(id, (uint)members.Count, (uint)i, dataSectors[i], members[i].IsMemory));
        }
        return dataSectors;
    }

    static async Task CheckHoldsNothingAsync(PoolMember member, LeafSource leaves)
    {
        if (await leaves.FindSignatureAsync(member.Device, CancellationToken.None) is { } signature)
            throw member.Refused($"is no member of a pool and holds {signature}. If nobody needs the data, --force overwrites it");
        byte[] start = await member.ReadAsync(0, new byte[(PoolFormat.DataSector + LeastDataSectors) * Sectors.Bytes]);
        int at = start.AsSpan().IndexOfAnyExcept((byte)0);
        if (at >= 0)
            throw member.Refused($"is no member of a pool and holds data at byte {at}. If nobody needs the data, --force overwrites it");
    }

    static async Task WriteAsync(PoolMember member, PoolSuperblock superblock)
    {
        byte[] block = member.NewBlock();
        PoolFormat.Write(block, superblock);
        await member.WriteAsync(0, block);
    }

    static string Wipe(PoolMember member) => $"If nobody needs it, wipe it: dd if=/dev/zero of={member.Device} bs=4096 count=1 conv=notrunc";
}
