using Microsoft.Extensions.Logging.Abstractions;
using Ublk.Targets.Basic;

namespace Ublk.Engine.Tests;

/// <summary>The real engine on this machine's io_uring, with files below and test fronts above: no ublk.</summary>
sealed class Rig : IAsyncDisposable
{
    readonly Dictionary<string, ScriptedTarget> _targets = [];
    readonly Dictionary<string, List<BackingDevice>> _opened = [];

    public Rig(int workers = 2, TimeSpan? timeout = null, IEnumerable<TargetType>? types = null, string? parent = null)
    {
        Folder = new TempFolder(parent);
        Workers = new WorkerSet(workers, NullLoggerFactory.Instance);
        TargetType[] known =
        [
            new LinearTargetType(), new StripedTargetType(), new ZeroTargetType(), new ErrorTargetType(),
            ScriptedTargetType.Forward,
            ScriptedTargetType.Claiming("reads", Claim.ReadOnly),
            ScriptedTargetType.Claiming("shares", Claim.Shared),
            ScriptedTargetType.Claiming("owns", Claim.Exclusive),
            ScriptedTargetType.Claiming("stores", Claim.Exclusive, createSectors: 64),
            new ScriptedTargetType("scripted", ConstructAsync),
        ];
        Mapper = new DeviceMapper(
            new EngineOptions(workers, timeout), [.. known, .. types ?? []], Workers, new FileLeaves(), Nodes, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public TempFolder Folder { get; }

    public WorkerSet Workers { get; }

    public TestNodes Nodes { get; } = new();

    public DeviceMapper Mapper { get; }

    /// <summary>What the target that the table calls <c>scripted NAME [DEVICE]...</c> does; its devices are opened shared.</summary>
    public ScriptedTarget Script(string name, ScriptedTarget target)
    {
        _targets[name] = target;
        return target;
    }

    /// <summary>The target that a script became.</summary>
    public ScriptedTarget Scripted(string name) => _targets[name];

    /// <summary>The devices that a scripted line opened, in order.</summary>
    public IReadOnlyList<BackingDevice> Opened(string name) => _opened[name];

    /// <summary>A device without a table.</summary>
    public Task<MappedDevice> CreateAsync(string name) => Mapper.CreateAsync(name, null, null, default);

    /// <summary>A device that runs a table.</summary>
    public async Task<MappedDevice> CreateAsync(string name, string table, LoadOptions? options = null)
    {
        MappedDevice device = await CreateAsync(name);
        await device.LoadAsync(table, options ?? new LoadOptions(), default);
        await device.ResumeAsync(default);
        return device;
    }

    public TestFront Front(MappedDevice device, int worker = 0) => new(Workers[worker], device.Stack);

    public async ValueTask DisposeAsync()
    {
        for (IReadOnlyList<MappedDevice> left = Mapper.Devices; left.Count > 0; left = Mapper.Devices)
        {
            int before = left.Count;
            foreach (MappedDevice device in left)
            {
                try
                {
                    await Mapper.RemoveAsync(device, force: true, default);
                }
                catch (DmException)
                {
                    // Used by one that goes first, or stuck by a test's intention.
                }
            }
            if (Mapper.Devices.Count == before)
                break;
        }
        await Mapper.DisposeAsync();
        Folder.Dispose();
    }

    async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services)
    {
        string name = line.Word("script");
        ScriptedTarget target = _targets[name];
        List<BackingDevice> opened = _opened[name] = [];
        while (line.Remaining > 0)
            opened.Add(await line.DeviceAsync("device", Claim.Shared, default));
        return target;
    }
}
