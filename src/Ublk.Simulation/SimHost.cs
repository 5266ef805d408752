using Microsoft.Extensions.Logging.Abstractions;
using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>One life of the daemon: a device mapper with its workers. A crash ends it; the disks stay.</summary>
public sealed class SimHost
{
    readonly Simulation _simulation;

    internal SimHost(Simulation simulation, int workerCount, IEnumerable<TargetType> types)
    {
        _simulation = simulation;
        Workers = [.. Enumerable.Range(0, workerCount).Select(index => new SimWorker(simulation, index))];
        Mapper = new DeviceMapper(
            new EngineOptions(workerCount), types, Workers, simulation.Disks, new NoNodes(simulation, workerCount), simulation.Time,
            NullLoggerFactory.Instance);
    }

    /// <summary>Its workers.</summary>
    public IReadOnlyList<SimWorker> Workers { get; }

    /// <summary>Its devices.</summary>
    public DeviceMapper Mapper { get; }

    /// <summary>How a table names one of this host's devices.</summary>
    public string PathOf(string device) => $"{Mapper.Options.LinkFolder}/{device}";

    /// <summary>Makes a device with a table and resumes it.</summary>
    public async Task<MappedDevice> StartAsync(string name, string table, LoadOptions? options = null)
    {
        MappedDevice device = await Mapper.CreateAsync(name, null, null, default);
        try
        {
            await device.LoadAsync(table, options ?? new LoadOptions(), default);
            await device.ResumeAsync(default);
        }
        catch
        {
            await Mapper.RemoveAsync(device, force: true, default);
            throw;
        }
        return device;
    }

    /// <summary>Puts a table under a device without stopping its users: load, then resume.</summary>
    public static async Task ReloadAsync(MappedDevice device, string table)
    {
        await device.LoadAsync(table, new LoadOptions(), default);
        await device.ResumeAsync(default);
    }

    /// <summary>Issues requests to a device, from queues on workers that the seed picks.</summary>
    public void Attach(MappedDevice device, Workload load, int queues, int depth)
    {
        for (int i = 0; i < queues; i++)
            _simulation.Attach(new SimFront(_simulation, Workers[_simulation.Prng.Below(Workers.Count)], device.Stack, load, depth));
    }

    /// <summary>Ends every workload, lets what is suspended go, and removes all devices, top down. Nothing may be left open.</summary>
    public async Task ShutDownAsync(params Workload[] loads)
    {
        foreach (Workload load in loads)
            load.Stop();
        foreach (MappedDevice device in Mapper.Devices)
        {
            if (device.Info() is { IsSuspended: true, HasLive: true })
                await device.ResumeAsync(default);
        }
        foreach (Workload load in loads)
            await load.FinishedAsync();
        while (Mapper.Devices is { Count: > 0 } devices)
        {
            MappedDevice top = devices.First(device => device.Info().InProcessUsers.Count == 0);
            await Mapper.RemoveAsync(top, force: false, default);
        }
        if (_simulation.Disks.OpenCount > 0)
            _simulation.Fail($"{_simulation.Disks.OpenCount} disks are still open after everything was removed");
    }

    /// <summary>One request; one with bytes keeps them until it is answered.</summary>
    public async Task<Errno> RequestAsync(
        MappedDevice device, BlockOp op, ulong sector = 0, ulong sectorCount = 0, IoBytes data = default, BlockFlags flags = BlockFlags.None)
    {
        SimWorker worker = Workers[0];
        return await worker.InvokeAsync(() => worker.Start(op, flags, device.Stack, sector, sectorCount, data));
    }

    /// <summary>Reads a whole device through the control plane.</summary>
    public static async Task<(Errno Error, byte[] Content)> ReadAllAsync(MappedDevice device)
    {
        byte[] content = new byte[device.Stack.SectorCount << Sectors.Shift];
        return (await device.Stack.ReadAsync(0, content), content);
    }
}
