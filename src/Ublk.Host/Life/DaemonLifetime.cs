using System.Runtime.InteropServices;
using Ublk.Engine;

namespace Ublk.Host.Life;

/// <summary>What signals mean: with a device in the daemon none of them ends it, for whatever is mounted on it would be lost.</summary>
sealed class DaemonLifetime(IServiceProvider services, IHostApplicationLifetime life, ILogger<DaemonLifetime> log) : IHostLifetime, IDisposable
{
    readonly List<PosixSignalRegistration> _signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, AskToEnd));

        // The end of a terminal says nothing to a daemon.
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
    }

    void AskToEnd(PosixSignalContext context)
    {
        context.Cancel = true;
        var mapper = services.GetRequiredService<DeviceMapper>();
        if (mapper.TryClose())
        {
            log.LogInformation("{Signal}: ending", context.Signal.ToString());
            life.StopApplication();
            return;
        }

        log.LogWarning(
            "{Signal} refused: there are devices ({Devices}); remove them first, or use ublk-dm shutdown --force",
            context.Signal.ToString(),
            string.Join(", ", mapper.Devices.Select(device => device.Name)));
    }
}
