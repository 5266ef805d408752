using Microsoft.Extensions.Logging.Abstractions;
using Ublk.Benchmarks;
using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Snapshot;

namespace Ublk.Load;

/// <summary>The devices of a run, in this process only. [C]</summary>
sealed class LoadStack : IAsyncDisposable
{
    readonly DeviceMapper _mapper;
    readonly Stack<MappedDevice> _devices = [];

    LoadStack(int workers) => _mapper = new DeviceMapper(
        new EngineOptions(workers),
        [
            new LinearTargetType(), new StripedTargetType(), new ZeroTargetType(), new ErrorTargetType(), new DelayTargetType(), new FlakeyTargetType(),
            new SnapshotTargetType(),
        ],
        new WorkerSet(workers, NullLoggerFactory.Instance), new FileLeaves(), new NoNodes(), TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>The topmost device.</summary>
    public StackedDevice Top => _devices.Peek().Stack;

    public IReadOnlyList<Worker> Workers => _mapper.Workers;

    /// <summary>Makes the devices in order, then so many linear layers; when one fails nothing is left.</summary>
    /// <exception cref="DmException">A table is refused.</exception>
    public static async Task<LoadStack> BuildAsync(IReadOnlyList<NamedTable> devices, int layers, int workers, CancellationToken ct)
    {
        var stack = new LoadStack(workers);
        try
        {
            foreach (NamedTable device in devices)
                await stack.AddAsync(device, ct);
            for (int layer = 1; layer <= layers; layer++)
                await stack.AddAsync(new NamedTable($"layer {layer}", $"linear {stack._mapper.Options.LinkFolder}/{Quoted(stack.Top.Name)} 0"), ct);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>From the top down, then the workers.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_devices.TryPop(out MappedDevice? device))
            await _mapper.RemoveAsync(device, force: true, CancellationToken.None);
        await _mapper.DisposeAsync();
    }

    static string Quoted(string name) => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal);

    async Task AddAsync(NamedTable named, CancellationToken ct)
    {
        MappedDevice device = await _mapper.CreateAsync(named.Name, null, null, ct);
        _devices.Push(device);
        try
        {
            await device.LoadAsync(named.Table, new LoadOptions(), ct);
            await device.ResumeAsync(ct);
        }
        catch (DmException e)
        {
            throw new LoadException($"device {named.Name}: {e.Message}");
        }
    }
}
