namespace Ublk.Targets.Mirror;

/// <summary>The states of the kernel's dm-region-hash.</summary>
enum RegionState
{
    /// <summary>All legs are alike.</summary>
    Clean,

    /// <summary>In sync, and written now or not long ago: marked in the log.</summary>
    Dirty,

    /// <summary>Only the default leg is right.</summary>
    NoSync,

    /// <summary>Being copied from the default leg to the others; writes to it wait.</summary>
    Recovering,
}
