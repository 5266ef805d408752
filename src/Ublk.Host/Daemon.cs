using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Serilog;
using Serilog.Extensions.Logging;
using Ublk.Control;
using Ublk.Engine;
using Ublk.Host.Api;
using Ublk.Host.Life;
using Ublk.Host.PlugIns;
using Ublk.Host.Setup;
using Ublk.Host.Targets;

namespace Ublk.Host;

/// <summary>The composition root: what the daemon is made of, and its run from the first log line to the last.</summary>
static class Daemon
{
    // Of the 60 s that who starts a daemon waits for it.
    static readonly TimeSpan s_clearLimit = TimeSpan.FromSeconds(15);

    /// <summary>Runs until the daemon is asked to end. Throws <see cref="DmException"/> when there is no ublk.</summary>
    public static async Task<int> RunAsync(DaemonOptions options, ProcessSetup setup)
    {
        await using var log = DaemonLog.Open(options);
        foreach (string warning in setup.Warnings) log.Warning("{Warning}", warning);

        LastWords.OfTheOneBefore(options.Paths, log);
        DriverModule.Load();
        using var loggers = new SerilogLoggerFactory(log);
        using var driver = UblkDriver.Open();
        await using var app = Build(options, log, services => NewMapper(services, driver));
        await ClearAwayDeadAsync(app.Services.GetRequiredService<DeviceMapper>(), log);
        await StartAsync(app, options.Paths);
        log.Information("serving on {Socket}, pid {Pid}", options.Paths.Socket, Environment.ProcessId);
        ServiceNotice.Ready();
        if (!options.Foreground) StandardStreams.Detach(options.Paths);

        await app.WaitForShutdownAsync();
        File.Delete(options.Paths.Socket);
        log.Information("ended");
        return DaemonExit.Ended;
    }

    /// <summary>Everything but the process and the driver: a test composes the same, on nodes of its own.</summary>
    public static WebApplication Build(DaemonOptions options, Serilog.ILogger log, Func<IServiceProvider, DeviceMapper> newMapper)
    {
        // Empty: no configuration files, environment variables or providers that this process does not use.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = "/", ApplicationName = "ublk-dmd" });
        builder.Logging.AddSerilog(log);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // Who follows a stream and stops reading for a while loses records, not the connection.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ListenUnixSocket(options.Paths.Socket, listen => listen.Protocols = HttpProtocols.Http1);
        });

        builder.Services
            .AddRoutingCore()
            .AddSingleton(options)
            .AddSingleton(new EngineOptions(
                options.Workers, options.OperationLimit, HelperProgram: HelperProgram.Find(), PollUs: options.PollUs, BufferBytes: options.BufferBytes, IsPinned: options.Pin))
            .AddSingleton<IHostLifetime, DaemonLifetime>()
            .AddBasicTargets()
            .AddSnapshotTargets()
            .AddMirrorTargets()
            .AddLogTargets()
            .AddPlugIns(options, log)
            .AddSingleton<TargetCatalog>()
            .AddSingleton(newMapper)
            .AddControlApi();

        var app = builder.Build();
        app.MapControlApi();
        return app;
    }

    /// <summary>Listens, and lets those connect who may.</summary>
    public static async Task StartAsync(WebApplication app, ControlPaths paths)
    {
        File.Delete(paths.Socket); // left by a daemon that was killed: whoever holds the lock may
        try
        {
            await app.StartAsync();
        }
        catch (SocketException e)
        {
            throw new IOException($"{paths.Socket}: {e.Message}", e);
        }

        SocketAccess.Grant(paths.Socket);
    }

    static DeviceMapper NewMapper(IServiceProvider services, UblkDriver driver) => new(
        services.GetRequiredService<EngineOptions>(),
        services.GetRequiredService<TargetCatalog>().Types,
        driver,
        services.GetRequiredService<ILoggerFactory>());

    static async Task ClearAwayDeadAsync(DeviceMapper mapper, Serilog.ILogger log)
    {
        // Somebody may hold one open, or the driver take its time; that is no reason not to serve.
        var removing = Task.Run(async () =>
        {
            try
            {
                int count = await mapper.RemoveDeadAsync(CancellationToken.None);
                if (count > 0) log.Warning("removed {Count} dead ublk devices that an earlier ublk-dmd left", count);
            }
            catch (Exception e) when (e is DmException or IOException or UnauthorizedAccessException)
            {
                log.Warning("dead ublk devices of an earlier ublk-dmd could not be removed: {Reason}", e.Message);
            }
        });
        if (await Task.WhenAny(removing, Task.Delay(s_clearLimit)) != removing)
            log.Warning("dead ublk devices of an earlier ublk-dmd are not removed after {Seconds} s; that goes on beside the work", s_clearLimit.TotalSeconds);
    }
}
