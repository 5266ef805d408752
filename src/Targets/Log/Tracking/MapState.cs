namespace Ublk.Targets.Log;

/// <summary>Where the truth about a map is; see <see cref="MapOwnership"/>.</summary>
enum MapState
{
    /// <summary>Nobody has the map: what is known is what the disk says. Without metadata nothing is known.</summary>
    OnDisk,

    /// <summary>The owner runs: its memory is right, and the disk says what the journal's ordering rule promises.</summary>
    InUse,

    /// <summary>The owner stands still, and the disk has all that its memory has.</summary>
    Stored,

    /// <summary>The owner stands still, and only its memory is right.</summary>
    Unstored,

    /// <summary>The device may have been written without a mark, and the disk may not say so: everything may have changed.</summary>
    Lost,
}
