using Ublk.Engine;

namespace Ublk.Simulation.Tests;

/// <summary>What somebody does to a device while it is used.</summary>
static class Operations
{
    /// <summary>A few suspends, resumes and reloads of the same table, at moments that the seed picks, until the power fails.</summary>
    public static async Task UnderLoadAsync(Simulation simulation, MappedDevice device, string table, Sighting handover)
    {
        Prng prng = simulation.Prng;
        for (int i = prng.Between(1, 6); i > 0 && !simulation.IsPowerOff; i--)
        {
            await simulation.TurnsAsync(prng.Between(1, 500));
            try
            {
                bool isHandover = prng.Chance(50);
                if (isHandover)
                    await device.LoadAsync(table, new LoadOptions(), default);
                if (prng.Chance(60))
                {
                    await device.SuspendAsync(noFlush: prng.Chance(50), default);
                    await simulation.TurnsAsync(prng.Between(1, 200));
                }
                await device.ResumeAsync(default);
                if (isHandover)
                    handover.Seen();
            }
            catch (DmException e)
            {
                if (!simulation.IsPowerOff)
                    simulation.Fail($"an operation failed: {e.Message}");
            }
        }
    }

    /// <summary>Goes on when the device's status has something in it.</summary>
    public static Task UntilStatusHasAsync(Simulation simulation, MappedDevice device, string part) =>
        UntilAsync(simulation, async () => (await device.StatusAsync(inactive: false, default))[0].Params.Contains(part, StringComparison.Ordinal));

    /// <summary>Goes on when it is so; looks each millisecond.</summary>
    public static async Task UntilAsync(Simulation simulation, Func<Task<bool>> isSo)
    {
        while (!await isSo())
            await Task.Delay(TimeSpan.FromMilliseconds(1), simulation.Time);
    }
}
