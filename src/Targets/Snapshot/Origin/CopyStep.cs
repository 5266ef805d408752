namespace Ublk.Targets.Snapshot;

/// <summary>What <see cref="OriginCopies.Advance"/> came to.</summary>
enum CopyStep
{
    /// <summary>The origin may be written.</summary>
    Done,

    /// <summary>Something was done or waited for.</summary>
    Again,

    /// <summary>A store is full, and the write is held in the hope that it is extended. Who is being suspended gives its request back.</summary>
    Held,
}
