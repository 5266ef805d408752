using Ublk.Control;
using Ublk.Host.Cuts;
using Ublk.Host.Life;

namespace Ublk.Host.Api;

/// <summary>The addresses of the API; <see cref="Ublk.Control.ControlClient"/> documents them.</summary>
static class ControlApi
{
    public static IServiceCollection AddControlApi(this IServiceCollection services) => services
        .AddSingleton<Shutdown>()
        .AddSingleton<Calls>()
        .AddSingleton<Manifests>()
        .AddSingleton<CutService>()
        .AddSingleton<CutCalls>()
        .AddSingleton<DeviceCalls>()
        .AddSingleton<TableCalls>()
        .AddSingleton<StateCalls>()
        .AddSingleton<StatsCalls>()
        .AddSingleton<DaemonCalls>();

    // As RequestDelegate throughout: binding by reflection costs start-up time, and there is nothing to bind.
    public static void MapControlApi(this WebApplication app)
    {
        var calls = app.Services.GetRequiredService<Calls>();
        var devices = app.Services.GetRequiredService<DeviceCalls>();
        var tables = app.Services.GetRequiredService<TableCalls>();
        var states = app.Services.GetRequiredService<StateCalls>();
        var cuts = app.Services.GetRequiredService<CutCalls>();
        var stats = app.Services.GetRequiredService<StatsCalls>();
        var daemon = app.Services.GetRequiredService<DaemonCalls>();

        app.MapGet("/v1/devices", calls.Limited("ls", devices.ListAsync));
        app.MapPost("/v1/devices", calls.Limited("create", devices.CreateAsync, operations: 3));
        app.MapGet("/v1/devices/{name}", calls.Limited("info", devices.InfoAsync));
        app.MapDelete("/v1/devices/{name}", calls.Limited("remove", devices.RemoveAsync));

        app.MapPut("/v1/devices/{name}/table", calls.Limited("load", tables.LoadAsync));
        app.MapGet("/v1/devices/{name}/table", calls.Limited("table", tables.TableAsync));
        app.MapGet("/v1/devices/{name}/status", calls.Limited("status", tables.StatusAsync));
        app.MapPost("/v1/devices/{name}/clear", calls.Limited("clear", tables.ClearAsync));

        app.MapPost("/v1/devices/{name}/suspend", calls.Limited("suspend", states.SuspendAsync));
        app.MapPost("/v1/devices/{name}/resume", calls.Limited("resume", states.ResumeAsync));
        app.MapPost("/v1/devices/{name}/message", calls.Limited("message", states.MessageAsync));
        app.MapPost("/v1/devices/{name}/stream", calls.Unlimited("stream", states.StreamAsync));
        app.MapGet("/v1/devices/{name}/wait", calls.Unlimited("wait", states.WaitAsync));

        // The limit of a cut is the client's to choose, and may be long.
        app.MapPost("/v1/cuts", calls.Limited("cut", cuts.TakeAsync, operations: 24));
        app.MapPost("/v1/cuts/{name}/release", calls.Limited("release", cuts.ReleaseAsync, operations: 3));
        app.MapDelete("/v1/cuts/{name}", calls.Limited("give up", cuts.GiveUpAsync, operations: 3));

        app.MapGet("/v1/stats", calls.Limited("stats", stats.LookAsync));

        app.MapGet("/v1/operations", calls.Unlimited("operations", call => call.ReplyAsync([.. calls.Running], ControlJson.Wire.OperationReplyArray)));
        app.MapGet("/v1/targets", calls.Limited("targets", daemon.TargetsAsync));
        app.MapGet("/v1/version", calls.Limited("version", daemon.VersionAsync));
        app.MapGet("/v1/doctor", calls.Limited("doctor", daemon.DoctorAsync));
        app.MapPost("/v1/shutdown", calls.Limited("shutdown", daemon.ShutdownAsync, operations: 3));
        app.MapFallback("{**address}", Calls.NoSuchAddressAsync);
    }
}
