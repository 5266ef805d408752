namespace Ublk.Engine;

/// <summary>[W] One member's part of a pool, behind its superblock.</summary>
/// <param name="member">The member.</param>
/// <param name="dataSectors">Sectors it has now; the last member may get more.</param>
sealed class PoolShard(PoolMember member, ulong dataSectors) : TargetShard
{
    ulong _dataSectors = dataSectors;

    public override MapResult Map(BlockRequest request) =>
        request.Sector + request.SectorCount <= _dataSectors || HasGrownTo(request.Sector + request.SectorCount)
            ? request.Remap(member.Device, PoolFormat.DataSector + request.Sector)
            : Errno.IO;     // a file would grow by being written behind its end

    bool HasGrownTo(ulong sector) => sector <= (_dataSectors = member.DataSectorsNow);
}
