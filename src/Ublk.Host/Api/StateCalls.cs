using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Api;

/// <summary>A device at work: held, let go, spoken to, waited for.</summary>
sealed class StateCalls(ILogger<StateCalls> log)
{
    public async Task SuspendAsync(Call call)
    {
        var device = call.Device;
        var request = await call.BodyAsync(ControlJson.Wire.SuspendRequest, absent: new SuspendRequest());
        await device.SuspendAsync(request.NoFlush, call.Token);
        log.LogInformation("suspended {Device}", call.Name);
        await call.ReplyAsync([new StepTime("suspend", TimeSpan.FromMilliseconds(call.ElapsedMs))]);
    }

    public async Task ResumeAsync(Call call)
    {
        var steps = await call.Device.ResumeAsync(call.Token);
        log.LogInformation("resumed {Device}", call.Name);
        await call.ReplyAsync(steps);
    }

    public async Task MessageAsync(Call call)
    {
        var device = call.Device;
        var request = await call.BodyAsync(ControlJson.Wire.MessageRequest);
        if (request.Words.Length == 0) throw new UsageException("a message has at least one word");
        string reply = await device.MessageAsync(request.Sector, request.Words, call.Token);
        await call.ReplyAsync(new MessageReply(reply), ControlJson.Wire.MessageReply);
    }

    /// <summary>What the target streams, as it comes. Ends with the target, the client or the daemon.</summary>
    public async Task StreamAsync(Call call)
    {
        var device = call.Device;
        var request = await call.BodyAsync(ControlJson.Wire.MessageRequest);
        if (request.Words.Length == 0) throw new UsageException("a message has at least one word");
        await call.StreamAsync(await device.StreamAsync(request.Sector, request.Words, call.Token));
    }

    public async Task WaitAsync(Call call) =>
        await call.ReplyAsync(new WaitReply(await call.Device.WaitAsync(call.Number("event"), call.Token)), ControlJson.Wire.WaitReply);
}
