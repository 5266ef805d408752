namespace Ublk.Targets.Log;

/// <summary>What a commit says of the map; values are those on disk.</summary>
enum MapUse : uint
{
    /// <summary>The device may have been written since: the active extents count.</summary>
    InUse = 0,

    /// <summary>Stopped in order: nothing is active, and the samples at the journal's end are what the device holds.</summary>
    Clean = 1,

    /// <summary>The device was written and the map could not be kept up: everything may have changed.</summary>
    Disowned = 2,
}
