using System.Globalization;
using Ublk.Engine;
using Ublk.Targets.Log;

namespace Ublk.Simulation.Tests;

/// <summary>A tracked device of 96 sectors in extents of 8 with two active at a time, and what tests do with it: one request after the other.</summary>
sealed class TrackedDevice
{
    public const int SectorCount = 96;
    public static readonly TrackLimits Limits = new(8, 2, 1, 32, 8);

    readonly Simulation _simulation;
    readonly SimHost _host;
    readonly IoMemory _memory = new(SectorCount * Sectors.Bytes);
    MappedDevice _device = null!;
    ulong _stamp = 0x0D00_0000_0000_0000;

    TrackedDevice(Simulation simulation, TrackFaults faults)
    {
        _simulation = simulation;
        _host = simulation.Boot(1, new TrackTargetType(Limits, faults));
    }

    public MappedDevice Device => _device;

    public static void AddDisks(Simulation simulation, int sectorCount = SectorCount)
    {
        simulation.Disks.Add("data", (ulong)sectorCount).SetContent(0, Stamp.Image((ulong)sectorCount, 0x0C00_0000_0000_0000));
        simulation.Disks.Add("meta", MetaSectors(sectorCount));
    }

    public static ulong MetaSectors(int sectorCount = SectorCount) => TrackMetadata.LeastSectors(new TrackGeometry((ulong)sectorCount, 1, 8, 32), Limits) + 64;

    public static async Task<TrackedDevice> StartAsync(
        Simulation simulation, string table = "track data 0 1 meta", TrackFaults faults = TrackFaults.None, bool force = false, ulong sectorCount = SectorCount)
    {
        var tracked = new TrackedDevice(simulation, faults);
        tracked._device = await tracked._host.StartAsync("t", $"0 {sectorCount} {table}", new LoadOptions(Force: force));
        return tracked;
    }

    /// <summary>Writes sectors with stamps that nobody else has.</summary>
    public Task<Errno> WriteAsync(ulong sector, ulong count = 1)
    {
        Stamp.Fill(_memory.Bytes.Slice((int)sector * Sectors.Bytes, (int)count * Sectors.Bytes), ++_stamp);
        return _host.RequestAsync(_device, BlockOp.Write, sector, count, _memory.Data.Slice((int)sector * Sectors.Bytes, (int)count * Sectors.Bytes));
    }

    public Task<Errno> RequestAsync(BlockOp op, ulong sector, ulong count) => _host.RequestAsync(_device, op, sector, count);

    public Task<string> SayAsync(params string[] words) => _device.MessageAsync(0, words, default);

    public async Task<ulong> CheckpointAsync() => ulong.Parse(await SayAsync("checkpoint"), CultureInfo.InvariantCulture);

    public Task<Changes> AskAsync(params string[] words) => Changes.AskAsync(_device, words);

    public Task<Changes> SinceAsync(ulong epoch) => AskAsync("changes", "since", $"{epoch}");

    public async Task StopAsync()
    {
        await _host.ShutDownAsync();
        _memory.Dispose();
    }

    /// <summary>The message of what is refused; null: it was not.</summary>
    public static async Task<string?> RefusedAsync(Func<Task> what)
    {
        try
        {
            await what();
            return null;
        }
        catch (DmException e)
        {
            return e.Message;
        }
    }
}
