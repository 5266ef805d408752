using Ublk.Control;
using Ublk.Engine;
using Ublk.Host.Doctor;
using Ublk.Host.Life;
using Ublk.Host.Targets;

namespace Ublk.Host.Api;

/// <summary>The daemon itself.</summary>
sealed class DaemonCalls(DeviceMapper mapper, TargetCatalog catalog, DaemonOptions options, Shutdown shutdown)
{
    public Task TargetsAsync(Call call) => call.ReplyAsync(
        new TargetsReply(
            [.. catalog.Types.Select(type => new TargetReply(type.Name, type.Version.ToString(), type.Syntax, catalog.Origin(type)))],
            catalog.Refused),
        ControlJson.Wire.TargetsReply);

    public Task VersionAsync(Call call) => call.ReplyAsync(
        new VersionReply(
            ProductVersion.Of(typeof(DaemonCalls).Assembly),
            ProductVersion.Of(typeof(TargetType).Assembly),
            Environment.Version.ToString(),
            KernelRelease.Current,
            Environment.ProcessId,
            mapper.Devices.Count),
        ControlJson.Wire.VersionReply);

    public Task DoctorAsync(Call call) => call.ReplyAsync(Examination.Run(options), ControlJson.Wire.DoctorReply);

    public async Task ShutdownAsync(Call call)
    {
        var request = await call.BodyAsync(ControlJson.Wire.ShutdownRequest, absent: new ShutdownRequest());
        await shutdown.RunAsync(request.Force, call.Token);
        await call.ReplyAsync([new StepTime("shutdown", TimeSpan.FromMilliseconds(call.ElapsedMs))]);
    }
}
