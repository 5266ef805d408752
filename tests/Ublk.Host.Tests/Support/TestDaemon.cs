using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ublk.Control;
using Ublk.Engine;
using Ublk.Host.Targets;

namespace Ublk.Host.Tests.Support;

/// <summary>The daemon in this process: its composition, its socket, the real engine with real workers; only the nodes are fake.</summary>
sealed class TestDaemon : IAsyncDisposable
{
    readonly TempFolder _folder;
    readonly WebApplication _app;

    TestDaemon(TempFolder folder, WebApplication app, FakeNodes nodes, ControlPaths paths)
    {
        _folder = folder;
        _app = app;
        Nodes = nodes;
        Paths = paths;
        Client = new ControlClient(paths);
    }

    public ControlPaths Paths { get; }

    public ControlClient Client { get; }

    public FakeNodes Nodes { get; }

    public string Folder => _folder.Path;

    public Task Ended => _app.WaitForShutdownAsync();

    public static async Task<TestDaemon> StartAsync(Func<DaemonOptions, DaemonOptions>? change = null)
    {
        var folder = new TempFolder();
        var nodes = new FakeNodes();
        var options = new DaemonOptions { Paths = new ControlPaths(folder["control.sock"]), StateFolder = folder["state"], Workers = 1 };
        options = change?.Invoke(options) ?? options;
        var app = Daemon.Build(options, Serilog.Core.Logger.None, services => NewMapper(services, nodes));
        await Daemon.StartAsync(app, options.Paths);
        return new TestDaemon(folder, app, nodes, options.Paths);
    }

    /// <summary>Runs the command against this daemon.</summary>
    public Task<CliRun> RunAsync(params string[] args) => CliRun.RunAsync([.. args, "--socket", Paths.Socket]);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    static DeviceMapper NewMapper(IServiceProvider services, FakeNodes nodes)
    {
        var loggers = services.GetRequiredService<ILoggerFactory>();
        return new DeviceMapper(
            services.GetRequiredService<EngineOptions>(),
            services.GetRequiredService<TargetCatalog>().Types,
            new WorkerSet(1, loggers),
            new FileLeaves(),
            nodes,
            TimeProvider.System,
            loggers);
    }
}
