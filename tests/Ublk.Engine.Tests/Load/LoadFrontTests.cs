using System.Diagnostics;
using Ublk.Load;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class LoadFrontTests
{
    const ulong DiskSectors = 8192;

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    public async Task Every_request_is_counted_once_and_the_last_turn_ends_with_none_in_flight(int depth)
    {
        await using var rig = new Rig(workers: 1);
        long mapped = 0, inFlight = 0, most = 0;
        rig.Script("count", new ScriptedTarget(DiskSectors)
        {
            OnMap = (io, _) =>
            {
                mapped++;
                most = Math.Max(most, ++inFlight);
                return Later(io);
            },
        });
        MappedDevice device = await rig.CreateAsync("d", "scripted count");

        Meter meter = await RunAsync(rig, device, Loads.Short with { Depth = depth });

        Assert.True(mapped > depth);
        Assert.Equal((mapped, 0, depth), (meter.Completed, inFlight, most));
        AssertRounds(meter);

        async IoTask<Errno> Later(TargetIo io)
        {
            await io.Wait(new IoEvent(), 100_000);
            inFlight--;
            return Errno.None;
        }
    }

    [Fact]
    public async Task A_target_that_completes_on_the_spot_does_not_keep_a_turn_from_ending()
    {
        await using var rig = new Rig(workers: 1);
        long mapped = 0;
        rig.Script("count", new ScriptedTarget(DiskSectors)
        {
            OnMap = (_, _) =>
            {
                mapped++;
                return Errno.None;
            },
        });
        MappedDevice device = await rig.CreateAsync("d", "scripted count");

        Task<Meter> run = RunAsync(rig, device, Loads.Short);
        await rig.Workers[0].InvokeAsync<Errno>(() => Errno.None);
        Meter meter = await run;

        Assert.Equal(mapped, meter.Completed);
        AssertRounds(meter);
    }

    [Fact]
    public async Task What_completes_in_a_turn_starts_again_together()
    {
        await using var rig = new Rig(workers: 1);
        var gate = new IoEvent();
        int waiting = 0;
        var batches = new List<int>();
        rig.Script("gate", new ScriptedTarget(DiskSectors)
        {
            OnMap = (_, _) =>
            {
                waiting++;
                return Pass();
            },
        });
        MappedDevice device = await rig.CreateAsync("d", "scripted gate");

        Task<Meter> run = RunAsync(rig, device, Loads.Short with { Depth = 8 });
        while (!run.IsCompleted)
        {
            await rig.Workers[0].InvokeAsync<Errno>(() =>
            {
                if (waiting == 0)
                    return Errno.None;
                batches.Add(waiting);
                waiting = 0;
                gate.Set();
                gate.Reset();
                return Errno.None;
            });
        }
        await run;
        Assert.NotEmpty(batches);
        Assert.All(batches, batch => Assert.Equal(8, batch));

        async IoTask<Errno> Pass() => await gate;
    }

    [Fact]
    public async Task A_failed_request_ends_the_run_with_its_error()
    {
        await using var rig = new Rig(workers: 1);
        MappedDevice device = await rig.CreateAsync("d", $"0 {DiskSectors} error");
        Workload workload = Loads.Short with { Round = TimeSpan.FromHours(1) };
        using var front = new LoadFront(rig.Workers[0], device.Stack, workload, new Blocks(workload, DiskSectors, 0), new Meter(workload, Stopwatch.GetTimestamp()));
        Assert.Equal(Errno.IO, await rig.Workers[0].InvokeAsync(front.Run));
    }

    [Fact]
    public async Task A_cancelled_run_ends_at_once()
    {
        await using var rig = new Rig(workers: 1);
        MappedDevice device = await rig.CreateAsync("d", $"0 {DiskSectors} zero");
        Workload workload = Loads.Short with { Round = TimeSpan.FromHours(1) };
        var meter = new Meter(workload, Stopwatch.GetTimestamp());
        using var front = new LoadFront(rig.Workers[0], device.Stack, workload, new Blocks(workload, DiskSectors, 0), meter);
        Task<Errno> run = rig.Workers[0].InvokeAsync(front.Run).AsTask();
        meter.Cancel();
        Assert.Equal(Errno.None, await run.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Nothing_is_allocated_while_it_measures()
    {
        await using var rig = new Rig(workers: 1);
        MappedDevice device = await rig.CreateAsync("d", $"linear {rig.Folder.File("f", DiskSectors)} 0");
        Meter meter = await RunAsync(rig, device, Loads.Short with { Pattern = Pattern.RandRw, Depth = 32, WarmUp = TimeSpan.FromMilliseconds(100) });
        Assert.Equal(0, meter.Marks[^1].AllocatedBytes - meter.Marks[0].AllocatedBytes);
    }

    static async Task<Meter> RunAsync(Rig rig, MappedDevice device, Workload workload)
    {
        var meter = new Meter(workload, Stopwatch.GetTimestamp());
        using var front = new LoadFront(rig.Workers[0], device.Stack, workload, new Blocks(workload, DiskSectors, 0), meter);
        Assert.Equal(Errno.None, await rig.Workers[0].InvokeAsync(front.Run));
        return meter;
    }

    /// <summary>The rounds are part of all that completed, follow each other, and are what was timed.</summary>
    static void AssertRounds(Meter meter)
    {
        Mark[] marks = meter.Marks.ToArray();
        Assert.Equal(Loads.Short.Rounds + 1, marks.Length);
        for (int i = 1; i < marks.Length; i++)
        {
            Assert.True(marks[i].Completed >= marks[i - 1].Completed);
            Assert.True(marks[i].Ticks - marks[i - 1].Ticks >= Loads.Short.Round.TotalSeconds * Stopwatch.Frequency);
        }
        Assert.Equal(marks[^1].Completed - marks[0].Completed, meter.Latencies.Count);
        Assert.True(meter.Completed >= marks[^1].Completed);
    }
}
