using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Api;

/// <summary>The two table slots of a device.</summary>
sealed class TableCalls(ILogger<TableCalls> log)
{
    public async Task LoadAsync(Call call)
    {
        var device = call.Device;
        var request = await call.BodyAsync(ControlJson.Wire.LoadRequest);
        var options = new LoadOptions(request.Force, request.CowSectors, request.ReadOnly, request.LowSpace, request.HoldMs);
        var steps = await device.LoadAsync(request.Table, options, call.Token);
        log.LogInformation("loaded a table into {Device}", call.Name);
        await call.ReplyAsync(steps);
    }

    public async Task ClearAsync(Call call)
    {
        await call.Device.ClearAsync(call.Token);
        log.LogInformation("cleared the inactive table of {Device}", call.Name);
        await call.ReplyAsync([new StepTime("clear", TimeSpan.FromMilliseconds(call.ElapsedMs))]);
    }

    public Task TableAsync(Call call) =>
        call.ReplyAsync(Replies.Table(call.Device.Table(call.Flag("inactive"))), ControlJson.Wire.LineReplyArray);

    public async Task StatusAsync(Call call) =>
        await call.ReplyAsync(Replies.Status(await call.Device.StatusAsync(call.Flag("inactive"), call.Token)), ControlJson.Wire.LineReplyArray);
}
