namespace Ublk.Targets.Mirror;

/// <summary>Where a comparison of the legs stands.</summary>
enum CheckState
{
    /// <summary>None was asked for since the load.</summary>
    None,

    /// <summary>It goes on; while the device is suspended it waits.</summary>
    Running,

    /// <summary>Every region was looked at, or given up.</summary>
    Done,

    /// <summary>Somebody stopped it.</summary>
    Stopped,

    /// <summary>There are no longer two legs without errors.</summary>
    TooFewLegs,
}
