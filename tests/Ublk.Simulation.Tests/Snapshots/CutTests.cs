using System.Buffers.Binary;
using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>
/// Snapshots of two origins at one instant. Writers stamp a rising number on the first origin, then on the second: at any instant the first
/// has the same number as the second or the next.
/// </summary>
public class CutTests
{
    const int Writers = 3;

    readonly Sighting _midway = new("a cut between the two writes");
    readonly Sighting _stacked = new("an origin on another");
    readonly Sighting _suspended = new("an origin that is suspended");

    [Fact]
    public void Snapshots_of_two_origins_are_of_one_instant() =>
        SeedRunner.Run("cut", 400, simulation => Run(simulation, isStacked: simulation.Prng.Chance(30), CutAtOnceAsync), _midway, _stacked, _suspended);

    [Fact]
    public void Cutting_the_first_before_the_second_is_found_out() => SeedRunner.Find("cut first, second", 1000, simulation =>
        Run(simulation, isStacked: false, async host => [await CutAsync(host, "a"), await CutAsync(host, "b")]));

    [Fact]
    public void Cutting_the_second_before_the_first_is_found_out() => SeedRunner.Find("cut second, first", 1000, simulation =>
        Run(simulation, isStacked: false, async host =>
        {
            Cut second = await CutAsync(host, "b");
            return [await CutAsync(host, "a"), second];
        }));

    [Fact]
    public void A_cut_that_fails_leaves_nothing_and_the_origins_go_on() => SeedRunner.Run("cut fails", 100, simulation => Run(simulation, isStacked: false, async host =>
    {
        DmException e = await Assert.ThrowsAsync<DmException>(() => Cut.PrepareAsync(
            host.Mapper, [("sa", "snapshot a0 cow-a P 4", new LoadOptions()), ("sb", "snapshot b0 b0 P 4", new LoadOptions())], default));
        Assert.Contains("cannot share it", e.Message, StringComparison.Ordinal);
        Assert.Null(host.Mapper.Find("sa"));

        Cut cut = await PrepareAsync(host, "a", "b");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut.TakeAsync([host.Mapper.Find("a")!, host.Mapper.Find("b")!], () => { }, new CancellationToken(true)));
        await cut.DisposeAsync();
        Assert.Null(host.Mapper.Find("sa"));
        Assert.Null(host.Mapper.Find("sb"));
        return [await CutAtOnceOfAsync(host, "a", "b")];
    }));

    async Task<Cut[]> CutAtOnceAsync(SimHost host)
    {
        if (host.Mapper.Find("b")!.Info().IsSuspended)
            _suspended.Seen();
        return [await CutAtOnceOfAsync(host, "a", "b")];
    }

    static Task<Cut> CutAsync(SimHost host, string origin) => CutAtOnceOfAsync(host, origin);

    static Task<Cut> PrepareAsync(SimHost host, params string[] origins) => Cut.PrepareAsync(
        host.Mapper, origins.Select(origin => ($"s{origin}", $"snapshot {Below(host, origin)} cow-{origin} P 4", new LoadOptions())), default);

    static string Below(SimHost host, string origin) => host.Mapper.Find(origin)!.Table(inactive: false)[0].Params;

    static async Task<Cut> CutAtOnceOfAsync(SimHost host, params string[] origins)
    {
        Cut cut = await PrepareAsync(host, origins);
        await cut.TakeAsync(origins.Select(origin => host.Mapper.Find(origin)!), () => { }, default);
        await cut.ReleaseAsync();
        await cut.StartNodesAsync(default);
        cut.Keep();
        return cut;
    }

    void Run(Simulation simulation, bool isStacked, Func<SimHost, Task<Cut[]>> cutAsync) => simulation.Run(async () =>
    {
        Prng prng = simulation.Prng;
        foreach (string name in (string[])["a0", "b0", "cow-a", "cow-b"])
            simulation.Disks.Add(name, 256);
        var snapshots = new SnapshotTargetType();
        SimHost host = simulation.Boot(prng.Between(1, 3), snapshots, new OriginTargetType(snapshots), new LinearTargetType());
        // Stacked: the second origin is the upper part of the first, so a write to it is one to the first too.
        MappedDevice a = await host.StartAsync("a", "0 128 snapshot-origin a0");
        if (isStacked)
        {
            await host.StartAsync("part", $"0 64 linear {host.PathOf("a")} 64");
            _stacked.Seen();
        }
        MappedDevice b = await host.StartAsync("b", isStacked ? $"0 64 snapshot-origin {host.PathOf("part")}" : "0 64 snapshot-origin b0");
        bool ends = false;
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => WriteAsync((ulong)writer * 5))];
        bool isSuspended = prng.Chance(10);
        if (isSuspended)
            await b.SuspendAsync(noFlush: false, default);
        try
        {
            for (int i = prng.Between(1, 4); i > 0; i--)
                await CutOnceAsync(simulation, host, cutAsync);
        }
        finally
        {
            ends = true;
        }
        if (isSuspended)
            await b.ResumeAsync(default);
        await Task.WhenAll(writers);
        await host.ShutDownAsync();

        async Task WriteAsync(ulong sector)
        {
            for (ulong number = 1; !ends; number++)
            {
                await StampAsync(a, sector, number);
                await StampAsync(b, sector, number);
            }
        }
    });

    async Task CutOnceAsync(Simulation simulation, SimHost host, Func<SimHost, Task<Cut[]>> cutAsync)
    {
        await simulation.TurnsAsync(simulation.Prng.Between(1, 200));
        Cut[] cuts = await cutAsync(host);
        MappedDevice[] made = [.. cuts.SelectMany(cut => cut.Made)];
        foreach (int writer in Enumerable.Range(0, Writers))
        {
            ulong first = await ReadAsync(made[0], (ulong)writer * 5), second = await ReadAsync(made[1], (ulong)writer * 5);
            if (first - second > 1)
                simulation.Fail($"writer {writer}: the first snapshot has {first}, the second {second}");
            if (first != second)
                _midway.Seen();
        }
        foreach (MappedDevice device in made)
            await host.Mapper.RemoveAsync(device, force: false, default);
        simulation.Disks["cow-a"].SetContent(0, new byte[256 * 512]);
        simulation.Disks["cow-b"].SetContent(0, new byte[256 * 512]);
    }

    static async Task StampAsync(MappedDevice device, ulong sector, ulong number)
    {
        byte[] bytes = new byte[512];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        Assert.Equal(Errno.None, await device.Stack.WriteAsync(sector, bytes, BlockFlags.None));
    }

    static async Task<ulong> ReadAsync(MappedDevice device, ulong sector)
    {
        byte[] bytes = new byte[512];
        Assert.Equal(Errno.None, await device.Stack.ReadAsync(sector, bytes));
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
