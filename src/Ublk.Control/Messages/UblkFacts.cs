namespace Ublk.Control;

/// <summary>How a ublk node was made.</summary>
/// <param name="DeviceId">The N of <c>/dev/ublkbN</c>.</param>
/// <param name="Features">UBLK_F_* names the driver granted.</param>
/// <param name="DataMode">How bytes travel: <c>copy</c>.</param>
/// <param name="Queues">Hardware queues.</param>
/// <param name="Depth">Tags of each queue.</param>
/// <param name="MaxIoBytes">Longest request in bytes.</param>
/// <param name="Workers">The worker that serves each queue.</param>
public sealed record UblkFacts(
    uint DeviceId, IReadOnlyList<string> Features, string DataMode, int Queues, int Depth, int MaxIoBytes, IReadOnlyList<int> Workers);
