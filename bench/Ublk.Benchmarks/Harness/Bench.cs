using Microsoft.Extensions.Logging.Abstractions;
using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Log;
using Ublk.Targets.Mirror;
using Ublk.Targets.Snapshot;

namespace Ublk.Benchmarks;

/// <summary>The real engine with one worker, without a driver. Benchmarks run on the worker; the way there is paid once per many operations.</summary>
sealed class Bench : IDisposable
{
    readonly WorkerSet _workers = new(1, NullLoggerFactory.Instance);

    public Bench() => Mapper = new DeviceMapper(
        new EngineOptions(1), [new LinearTargetType(), new ZeroTargetType(), new ForwardTargetType(), new GateTargetType(), new SnapshotTargetType(), new MirrorTargetType([new CoreLogType()]), new RequestLogTargetType()],
        _workers, new FileLeaves(), new NoNodes(), TimeProvider.System, NullLoggerFactory.Instance);

    public DeviceMapper Mapper { get; }

    public Worker Worker => _workers[0];

    public StackedDevice Create(string name, string table) => CreateAsync(name, table).GetAwaiter().GetResult().Stack;

    /// <summary>A stack of so many layers on a device that is there; its top.</summary>
    public StackedDevice Stack(StackedDevice bottom, string target, int layers)
    {
        StackedDevice top = bottom;
        for (int i = 0; i < layers; i++)
            top = Create($"{target}{i}", $"{target} /dev/ublk-dm/{top.Name} 0");
        return top;
    }

    public void Run(Func<IoTask<Errno>> work)
    {
        Errno error = Worker.InvokeAsync(work).AsTask().GetAwaiter().GetResult();
        if (error != Errno.None)
            throw new IOException($"{error}");
    }

    public void Dispose()
    {
        // Names grow upwards: what stands on others goes first.
        foreach (MappedDevice device in Mapper.Devices.Reverse())
            Mapper.RemoveAsync(device, force: true, default).GetAwaiter().GetResult();
        _workers.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    async Task<MappedDevice> CreateAsync(string name, string table)
    {
        MappedDevice device = await Mapper.CreateAsync(name, null, null, default);
        await device.LoadAsync(table, new LoadOptions(), default);
        await device.ResumeAsync(default);
        return device;
    }
}
