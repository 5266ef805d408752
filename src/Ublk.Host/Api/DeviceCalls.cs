using System.Diagnostics;
using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Api;

/// <summary>Devices come, are looked at, and go.</summary>
sealed class DeviceCalls(DeviceMapper mapper, EngineOptions engine, ILogger<DeviceCalls> log)
{
    public Task ListAsync(Call call) =>
        call.ReplyAsync([.. mapper.Devices.Select(device => Replies.Of(device.Info(), engine.LinkFolder))], ControlJson.Wire.DeviceReplyArray);

    public Task InfoAsync(Call call) =>
        call.ReplyAsync(Replies.Of(call.Device.Info(), engine.LinkFolder, call.Device.Holders()), ControlJson.Wire.DeviceReply);

    public async Task RemoveAsync(Call call)
    {
        bool force = call.Flag("force");
        long begin = Stopwatch.GetTimestamp();
        await mapper.RemoveAsync(call.Device, force, call.Token);
        log.LogInformation("removed {Device}{Forced}", call.Name, force ? " by force" : "");
        await call.ReplyAsync([new StepTime("remove", Stopwatch.GetElapsedTime(begin))]);
    }

    /// <summary>Create, load and resume; what was made is removed again if one of them fails.</summary>
    public async Task CreateAsync(Call call)
    {
        var request = await call.BodyAsync(ControlJson.Wire.CreateRequest);
        var defaults = new NodeOptions();
        var node = new NodeOptions(
            request.Queues ?? defaults.Queues, request.Depth ?? defaults.Depth, request.MaxIoBytes ?? defaults.MaxIoBytes,
            DataModes.Parse(request.Mode ?? "auto"), request.Spread ?? defaults.Spread);

        long begin = Stopwatch.GetTimestamp();
        var device = await mapper.CreateAsync(request.Name, request.Uuid, node, call.Token);
        List<StepTime> steps = [new StepTime("create", Stopwatch.GetElapsedTime(begin))];
        if (request.Table is { } table)
        {
            try
            {
                var options = new LoadOptions(request.Force, request.CowSectors, request.ReadOnly, request.LowSpace, request.HoldMs);
                steps.AddRange(await device.LoadAsync(table, options, call.Token));
                steps.AddRange(await device.ResumeAsync(call.Token));
            }
            catch
            {
                await mapper.UndoAsync(device);
                throw;
            }
        }

        log.LogInformation("created {Device} in {Ms:0.0} ms", request.Name, call.ElapsedMs);
        await call.ReplyAsync(
            new CreatedReply(Replies.Of(device.Info(), engine.LinkFolder), Replies.Of(steps), call.ElapsedMs), ControlJson.Wire.CreatedReply);
    }
}
