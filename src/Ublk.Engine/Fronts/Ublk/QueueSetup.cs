namespace Ublk.Engine;

/// <summary>What the queues of a node have in common.</summary>
/// <param name="Stack">Where requests go.</param>
/// <param name="CharFd">The node's char device.</param>
/// <param name="Depth">Tags of a queue.</param>
/// <param name="MaxIoBytes">Longest request.</param>
/// <param name="Mode">How bytes travel.</param>
/// <param name="IsLegacy">Bare opcodes (Linux 6.1 to 6.3).</param>
/// <param name="Memory">The cap of copy mode.</param>
/// <param name="Services">Whom to tell of a tag that the driver gives up.</param>
sealed record QueueSetup(
    StackedDevice Stack, int CharFd, int Depth, int MaxIoBytes, DataMode Mode, bool IsLegacy, CopyMemory Memory, ITargetServices Services);
