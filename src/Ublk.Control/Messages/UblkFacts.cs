namespace Ublk.Control;

/// <summary>How a ublk node was made.</summary>
/// <param name="DeviceId">The N of <c>/dev/ublkbN</c>.</param>
/// <param name="Features">UBLK_F_* names the driver granted.</param>
/// <param name="DataMode">How bytes travel: <c>copy</c>, <c>user-copy</c> or <c>zero-copy</c>.</param>
/// <param name="Queues">Hardware queues.</param>
/// <param name="Depth">Tags of each queue.</param>
/// <param name="MaxIoBytes">Longest request in bytes.</param>
/// <param name="Workers">The worker that serves each queue; of a spread queue each of them.</param>
/// <param name="ModeReason">Why that data mode.</param>
/// <param name="Copied">Requests that went through memory of the daemon so far, though the mode leaves their bytes in the kernel.</param>
/// <param name="Failed">Of those, the ones whose registered buffer a disk had refused.</param>
public sealed record UblkFacts(
    uint DeviceId, IReadOnlyList<string> Features, string DataMode, int Queues, int Depth, int MaxIoBytes, IReadOnlyList<int> Workers,
    string ModeReason = "", long Copied = 0, long Failed = 0);
