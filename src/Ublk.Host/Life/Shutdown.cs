using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Life;

/// <summary>Ends the daemon because somebody asked for it through the API.</summary>
sealed class Shutdown(DeviceMapper mapper, IHostApplicationLifetime life, ILogger<Shutdown> log)
{
    /// <summary>Refused with devices unless forced; then they are removed, those that stand on others first.</summary>
    public async Task RunAsync(bool force, CancellationToken ct)
    {
        while (!mapper.TryClose())
        {
            var left = mapper.Devices;
            if (!force)
            {
                throw new DmException(
                    DmFailure.Busy,
                    $"there are devices ({string.Join(", ", left.Select(device => device.Name))}); remove them first, or say --force to take them away from their users");
            }

            if (left.Count == 0) continue;      // the last has just gone
            var device = left.FirstOrDefault(candidate => candidate.Info().InProcessUsers.Count == 0) ?? left[0];
            log.LogWarning("removing {Device}: shutdown was forced", device.Name);
            await mapper.RemoveAsync(device, force: true, ct);
        }

        log.LogInformation("shutdown asked for");
        life.StopApplication();
    }
}
