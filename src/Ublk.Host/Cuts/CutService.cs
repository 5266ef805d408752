using System.Collections.Concurrent;
using Ublk.Control;
using Ublk.Engine;
using Ublk.Interop;

namespace Ublk.Host.Cuts;

/// <summary>Snapshots of several origins at one instant: freeze, hold, start, release, and what is kept of it.</summary>
sealed class CutService(DeviceMapper mapper, EngineOptions engine, DaemonOptions options, Manifests manifests, ILogger<CutService> log) : IAsyncDisposable
{
    static readonly TimeSpan s_defaultLimit = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<string, OpenCut> _held = [];

    public async Task<CutManifest> TakeAsync(CutRequest request, int caller, CancellationToken ct)
    {
        string stores = Path.Combine(options.StateFolder, "cow");
        var plan = new CutPlan(request, mapper, stores);
        manifests.Check();
        Directory.CreateDirectory(stores);
        var open = new OpenCut(await Cut.PrepareAsync(mapper, plan.Devices, ct), plan);
        try
        {
            plan.CheckMade(open.Cut.Made);
            foreach (var device in open.Cut.Made) await CheckIsEmptyAsync(device, ct);
            var limit = request.LimitMs is { } ms ? TimeSpan.FromMilliseconds(ms) : s_defaultLimit;
            var begin = mapper.Time.GetUtcNow();
            await StandStillAsync(open, request, caller, limit, ct);
            if (!request.Hold) return await FinishAsync(open, ct);
            _held[open.Id] = open;
            GiveUpLater(open.Id, begin + limit - mapper.Time.GetUtcNow());
            return Describe(open);
        }
        catch
        {
            await open.DisposeAsync();
            throw;
        }
    }

    /// <summary>Keeps a set that is held.</summary>
    public async Task<CutManifest> ReleaseAsync(string id, CancellationToken ct)
    {
        var open = Take(id);
        try
        {
            return await FinishAsync(open, ct);
        }
        catch
        {
            await open.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives up a set that is held.</summary>
    public async Task GiveUpAsync(string id)
    {
        await Take(id).DisposeAsync();
        log.LogInformation("cut {Id} was given up", id);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string id in _held.Keys)
        {
            if (_held.TryRemove(id, out var open)) await open.DisposeAsync();
        }
    }

    OpenCut Take(string id) => _held.TryRemove(id, out var open)
        ? open
        : throw new DmException(DmFailure.NotFound, $"cut {id} is not held: it was released, or given up because its time was up; nothing is left of it then");

    /// <summary>From here on somebody waits, so all of it has one time limit.</summary>
    async Task StandStillAsync(OpenCut open, CutRequest request, int caller, TimeSpan limit, CancellationToken ct)
    {
        using var end = new CancellationTokenSource(limit);
        string doing = "freezing the cgroup";
        try
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, end.Token);
            if (request.FreezeCgroup is { } group)
            {
                open.Add(await FrozenCgroup.FreezeAsync(group, caller, limit, log, both.Token));
                open.Cgroup = group;
            }

            doing = "freezing the file systems";
            if (request.Freeze) await FreezeAsync(open, request.FreezeBestEffort, limit, both.Token);

            doing = "waiting for the origins' requests to end";
            await open.Cut.TakeAsync(open.Plan.Origins, open.Plan.CheckOrigins, both.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new DmException(
                DmFailure.TimedOut, $"nothing was cut: {doing} took longer than {limit.TotalSeconds:0.#} s; all go on as before. A longer limit may do");
        }
    }

    void GiveUpLater(string id, TimeSpan left) => _ = Task.Run(async () =>
    {
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        if (!_held.TryRemove(id, out var open)) return;
        await open.DisposeAsync();
        log.LogWarning("cut {Id} was given up: nobody released it in time", id);
    });

    async Task<CutManifest> FinishAsync(OpenCut open, CancellationToken ct)
    {
        await open.ReleaseAsync();
        var manifest = Describe(open) with { Kept = manifests.PathOf(open.Id), HeldMs = Math.Round(open.Cut.Held.TotalMilliseconds, 3) };
        await open.Cut.StartNodesAsync(ct);
        manifest = manifest with { Snapshots = open.Plan.Describe(open.Cut.Made, engine.LinkFolder) };
        manifests.Keep(manifest);
        open.Cut.Keep();
        log.LogInformation("cut {Id}: {Names}, held for {Ms:0.0} ms", open.Id, string.Join(", ", open.Cut.Made.Select(device => device.Name)), manifest.HeldMs);
        return manifest;
    }

    CutManifest Describe(OpenCut open) =>
        new(open.Id, open.Cut.TakenAt, open.Plan.Describe(open.Cut.Made, engine.LinkFolder), open.FileSystems, open.Cgroup, NotFrozen: open.NotFrozen);

    async Task FreezeAsync(OpenCut open, bool bestEffort, TimeSpan limit, CancellationToken ct)
    {
        // The kernel does not know which of our devices stand on which.
        MappedDevice[] devices = [.. mapper.Devices.Where(device => open.Plan.Origins.Any(origin => device == origin || device.StandsOn(origin)))];
        var (loops, unknownLoops) = await DeviceQuestions.LoopsAsync(ct);
        var above = UsesAbove.Of([.. NumbersOf(devices)], loops);
        // A name in sysfs would be a guess here, and a file system that is missed is not frozen.
        List<string> left = [.. unknownLoops.Select(loop => $"{loop}; what it stands on cannot be told, so what is on it is not frozen"), .. above.Swaps.Select(swap => $"{swap}: is in use as swap, which cannot be frozen")];

        // A device of ours that carries another in this process is claimed by ourselves.
        var ours = NumbersOf(devices.Where(device => device.Info().InProcessUsers.Count > 0)).ToHashSet();
        foreach (var number in above.Unused.Where(number => !ours.Contains(number)))
        {
            if (await DeviceQuestions.ClaimedNodeAsync(number, ct) is { } node && !above.Swaps.Contains(node))
                left.Add($"{node}: is in use by a program, or mounted in a namespace that cannot be seen; neither can be frozen");
        }

        if (left.Count > 0 && !bestEffort) throw NotFrozen(left[0]);
        if (above.FileSystems.Count > 0)
        {
            var frozen = await FrozenFileSystems.FreezeAsync(above.FileSystems, bestEffort, limit, log, ct);
            open.Add(frozen);
            open.FileSystems = frozen.Names;
            left.AddRange(frozen.Left);
        }

        open.NotFrozen = left.Count > 0 ? left : null;
    }

    static IEnumerable<DeviceNumber> NumbersOf(IEnumerable<MappedDevice> devices) =>
        devices.Select(device => device.Node).OfType<DeviceNode>().Select(node => node.Number);

    /// <summary>Nothing was cut, because of this.</summary>
    internal static DmException NotFrozen(string what) => new(
        DmFailure.Failed, $"the file systems could not be frozen: {what}; all are thawed again. With --freeze=best-effort it is left out, and the manifest says so");

    // A store that holds exceptions is an older snapshot's: with them this one would not be of this instant.
    static async Task CheckIsEmptyAsync(MappedDevice device, CancellationToken ct)
    {
        var line = (await device.StatusAsync(inactive: true, ct))[0];
        if (line.Fields.First(field => field.Name == "state") is { Text: not "valid" and var state })
        {
            throw new DmException(
                DmFailure.Failed, $"device {device.Name}: its store is no new one (it is {state}); give a new file, or wipe the store if nobody needs it");
        }

        if (line.Fields.FirstOrDefault(field => field.Name == "exceptions").Value is var count and not 0)
        {
            throw new DmException(
                DmFailure.Failed, $"device {device.Name}: its store holds {count} chunks of an earlier snapshot; give a new file, or wipe the store if nobody needs it");
        }
    }
}
