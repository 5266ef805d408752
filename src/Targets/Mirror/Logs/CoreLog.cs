namespace Ublk.Targets.Mirror;

/// <summary>Dirty regions are in nobody's memory but the region table's: a mirror that ends without warning is recovered whole.</summary>
sealed class CoreLog(uint regionSectors, bool? startsInSync) : RegionLog(regionSectors, startsInSync, FirstArgument)
{
    const int FirstArgument = 3;

    public override string Table => $"core {(HasWord ? 2 : 1)} {RegionSectors}{Word}";

    public override string Info => "1 core";

    public override void Mark(ulong region)
    {
    }

    public override void Clear(ulong region)
    {
    }

    public override IoTask<Errno> Flush(TargetIo io, ILegs legs) => Errno.None;
}
