using System.Diagnostics;
using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Api;

/// <summary>What the devices have done.</summary>
sealed class StatsCalls(DeviceMapper mapper)
{
    const uint MostWatchSeconds = 3600;

    public async Task LookAsync(Call call)
    {
        uint seconds = call.Number("watch");
        if (seconds > MostWatchSeconds)
            throw new UsageException($"watch={seconds}: latencies are collected for {MostWatchSeconds} s at most; ask again before they are over");
        var devices = await mapper.LookAsync(TimeSpan.FromSeconds(seconds), call.Token);
        await call.ReplyAsync(new StatsReply(Stopwatch.GetTimestamp(), [.. devices.Select(Of)]), ControlJson.Wire.StatsReply);
    }

    static DeviceStatsReply Of(DeviceStats device) => new(
        device.Name,
        device.StandsOn,
        Of(device.Traffic, device.Latencies),
        [.. device.Lines.Select(line => new LineStatsReply(line.Start, line.SectorCount, line.Target, Of(line.Traffic, line.Latencies)))]);

    static TrafficReply Of(Traffic traffic, Latencies latencies) => new(
        Of(traffic[BlockOp.Read]), Of(traffic[BlockOp.Write]), Of(traffic[BlockOp.Flush]), Of(traffic[BlockOp.Discard]), Of(traffic[BlockOp.WriteZeroes]),
        traffic.InFlight, Of(latencies.Reads), Of(latencies.Writes));

    static OpCountReply Of(OpCount count) => new(count.Requests, count.Sectors, count.Errors);

    static LatencyBucket[] Of(Histogram histogram) => [.. histogram.Buckets.Select(bucket => new LatencyBucket(bucket.UpTo, bucket.Count))];
}
