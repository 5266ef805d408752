using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>What is answered, and what is refused.</summary>
public class TrackAnswerTests
{
    [Fact]
    public void Seventy_thousand_checkpoints_never_give_a_number_twice()
    {
        const int Checkpoints = 70_000;
        SeedRunner.Run("track checkpoints", 1, simulation => simulation.Run(async () =>
        {
            TrackedDevice.AddDisks(simulation);
            ulong last = 0;
            for (int life = 0; life < 7; life++)
            {
                TrackedDevice tracked = await TrackedDevice.StartAsync(simulation);
                for (int i = 0; i < Checkpoints / 7; i++)
                {
                    if (i % 100 == 0)
                        await tracked.WriteAsync((ulong)(i / 100 % TrackedDevice.SectorCount));
                    ulong epoch = await tracked.CheckpointAsync();
                    if (epoch != last + 1 && last != 0)
                        simulation.Fail($"checkpoint {epoch} after {last}");
                    last = epoch;
                }
                Changes changes = await tracked.SinceAsync(last);
                if (changes.Full is not null || changes.Ranges.Count > 0)
                    simulation.Fail($"after the last checkpoint: {changes.Full}, {changes.Ranges.Count} ranges");
                await tracked.StopAsync();
            }
        }));
    }

    [Fact]
    public void Three_hundred_readers_each_get_what_changed_since_their_time()
    {
        TrackLimits limits = TrackedDevice.Limits with { MostReaders = 300 };
        SeedRunner.Run("track readers", 3, simulation => simulation.Run(async () =>
        {
            const ulong SectorCount = 96;
            simulation.Disks.Add("data", SectorCount);
            simulation.Disks.Add("meta", TrackMetadata.LeastSectors(new TrackGeometry(SectorCount, 1, 8, 32), limits) + 4096);
            byte[][] copies = new byte[300][];
            using var memory = new IoMemory((int)SectorCount * Sectors.Bytes);
            for (int life = 0; life < 3; life++)
            {
                SimHost host = simulation.Boot(1, new TrackTargetType(limits, TrackFaults.None));
                Engine.MappedDevice device = await host.StartAsync("t", $"0 {SectorCount} track data 0 1 meta");
                for (int i = 0; i < 300; i++)
                {
                    if (life == 0)
                        await device.MessageAsync(0, ["reader", "add", $"r{i}"], default);
                    int reader = simulation.Prng.Below(300);
                    ulong sector = (ulong)simulation.Prng.Below((int)SectorCount);
                    Stamp.Fill(memory.Bytes[..Sectors.Bytes], simulation.Prng.Next());
                    await host.RequestAsync(device, BlockOp.Write, sector, 1, memory.Data.Slice(0, Sectors.Bytes));
                    if (life > 0 || reader <= i)
                        await TakeAsync(device, reader);
                }
                for (int i = 0; i < 300; i++)
                    await TakeAsync(device, i);
                await host.ShutDownAsync();
            }

            async Task TakeAsync(Engine.MappedDevice device, int reader)
            {
                Changes changes = await Changes.AskAsync(device, "take", $"r{reader}");
                byte[] now = simulation.Disks["data"].Content;
                if (copies[reader] is not { } copy)
                {
                    if (changes.Full is null)
                        simulation.Fail($"reader {reader} has nothing, and is told ranges");
                    copies[reader] = now;
                    return;
                }
                ulong[] different = [.. Enumerable.Range(0, (int)SectorCount).Select(i => (ulong)i)
                    .Where(i => !now.AsSpan((int)i * Sectors.Bytes, Sectors.Bytes).SequenceEqual(copy.AsSpan((int)i * Sectors.Bytes, Sectors.Bytes)))];
                if (changes.Full is not null || !changes.Sectors.SequenceEqual(different))
                    simulation.Fail($"reader {reader} was told {changes.Full}{string.Join(' ', changes.Sectors)}; {string.Join(' ', different)} changed");
                copies[reader] = now;
            }
        }));
    }

    [Theory]
    [InlineData("None")]
    [InlineData("DiscardWins")]
    public void A_discard_that_races_a_write_is_told_discarded_only_if_nothing_was_written(string bug)
    {
        var told = new Sighting("a block told discarded");
        void Race(Simulation simulation) => simulation.Run(async () =>
        {
            TrackedDevice.AddDisks(simulation);
            TrackedDevice tracked = await TrackedDevice.StartAsync(simulation, faults: Enum.Parse<TrackFaults>(bug));
            ulong epoch = await tracked.CheckpointAsync();
            await Task.WhenAll(simulation.Prng.Chance(50)
                ? [tracked.WriteAsync(3), tracked.RequestAsync(BlockOp.WriteZeroes, 0, 8)]
                : [tracked.RequestAsync(BlockOp.WriteZeroes, 0, 8), tracked.WriteAsync(3)]);
            if (simulation.Prng.Chance(30))
                await tracked.RequestAsync(BlockOp.WriteZeroes, 3, 1);
            byte[] content = simulation.Disks["data"].Content;
            foreach ((ulong sector, ulong count, bool isDiscarded) in (await tracked.SinceAsync(epoch)).Ranges)
            {
                if (isDiscarded && content.AsSpan((int)sector * Sectors.Bytes, (int)count * Sectors.Bytes).ContainsAnyExcept((byte)0))
                    simulation.Fail($"sectors {sector}+{count} are told discarded, and hold data");
                if (isDiscarded)
                    told.Seen();
            }
            await tracked.StopAsync();
        });
        if (bug == "None")
            SeedRunner.Run("track discard race", 100, Race, told);
        else
            SeedRunner.Find("track discard race", 100, Race);
    }

    [Fact]
    public void What_cannot_be_known_is_answered_with_the_reason_and_what_makes_no_sense_is_refused() =>
        SeedRunner.Run("track answers", 1, simulation => simulation.Run(async () =>
        {
            TrackedDevice.AddDisks(simulation);
            TrackedDevice tracked = await TrackedDevice.StartAsync(simulation, "track data 0 1 meta 2 keep 2");
            ulong first = await tracked.CheckpointAsync();
            await tracked.SayAsync("reader", "add", "daily", "since", $"{first}");
            for (int i = 0; i < 5; i++)
            {
                await tracked.WriteAsync((ulong)i);
                await tracked.CheckpointAsync();
            }
            Assert.Equal([0UL, 1, 2, 3, 4], (await tracked.SinceAsync(first)).Sectors);
            Assert.Equal([4UL], (await tracked.AskAsync("changes", "since", $"{first + 4}", "until", $"{first + 5}")).Sectors);
            Assert.Contains("was not kept", (await tracked.SinceAsync(first + 2)).Full);
            Assert.Contains("was not kept", (await tracked.AskAsync("changes", "since", $"{first}", "until", $"{first + 2}")).Full);
            Assert.Contains("before checkpoint", (await tracked.SinceAsync(first - 5)).Full);
            Assert.Contains("taken nothing before", (await Added("new", "take", "new")).Full);
            await RefusedWith("no checkpoint", () => tracked.SinceAsync(first + 1000));
            await RefusedWith("is before", () => tracked.AskAsync("changes", "since", $"{first + 5}", "until", $"{first}"));
            await RefusedWith("no reader nobody", () => tracked.AskAsync("take", "nobody"));
            await RefusedWith("is no epoch", () => tracked.AskAsync("changes", "since", "yesterday"));
            await RefusedWith("no name", () => tracked.SayAsync("reader", "add", "a b"));
            await RefusedWith("already", () => tracked.SayAsync("reader", "add", "daily"));
            await RefusedWith("not kept", () => tracked.SayAsync("reader", "add", "late", "since", $"{first + 2}"));
            await RefusedWith("never on", () => tracked.AskAsync("take", "daily", "since", $"{first + 4}"));
            await RefusedWith("no message", () => tracked.SayAsync("rewind"));
            await tracked.Device.SuspendAsync(noFlush: false, default);
            await RefusedWith("suspended", () => tracked.CheckpointAsync());
            await tracked.StopAsync();

            async Task<Changes> Added(string reader, params string[] words)
            {
                await tracked.SayAsync("reader", "add", reader);
                return await tracked.AskAsync(words);
            }
        }));

    [Fact]
    public void A_device_that_was_written_elsewhere_must_be_copied_whole() =>
        SeedRunner.Run("track elsewhere", 20, simulation => simulation.Run(async () =>
        {
            TrackedDevice.AddDisks(simulation);
            TrackedDevice tracked = await TrackedDevice.StartAsync(simulation);
            ulong epoch = await tracked.CheckpointAsync();
            await tracked.WriteAsync(9);
            bool crashes = simulation.Prng.Chance(50);
            if (crashes)
                simulation.PowerOff();
            await tracked.StopAsync();
            if (crashes)
                simulation.PowerOn();
            simulation.Disks["data"].SetContent(40, Stamp.Image(1, 0x0B00_0000_0000_0000));
            tracked = await TrackedDevice.StartAsync(simulation);
            Assert.Contains("written while it was not tracked", (await tracked.SinceAsync(epoch)).Full);
            ulong next = await tracked.CheckpointAsync();
            Assert.True(next > epoch + 1);
            await tracked.WriteAsync(11);
            Assert.Equal([11UL], (await tracked.SinceAsync(next)).Sectors);
            await tracked.StopAsync();
        }));

    /// <summary>One bit anywhere: refused, must-be-full, or everything that changed; and the tracked device is as it was.</summary>
    [Fact]
    public void A_flipped_bit_is_never_believed()
    {
        var refused = new Sighting("a map that was refused");
        var full = new Sighting("an answer that everything must be copied");
        var ranges = new Sighting("ranges");
        SeedRunner.Run("track flipped", 300, simulation => simulation.Run(async () =>
        {
            TrackedDevice.AddDisks(simulation);
            TrackedDevice tracked = await TrackedDevice.StartAsync(simulation);
            ulong epoch = await tracked.CheckpointAsync();
            for (int i = simulation.Prng.Between(1, 12); i > 0; i--)
            {
                await tracked.WriteAsync((ulong)simulation.Prng.Below(TrackedDevice.SectorCount));
                if (simulation.Prng.Chance(30))
                    await tracked.CheckpointAsync();
            }
            ulong[] written = [.. (await tracked.SinceAsync(epoch)).Sectors];
            if (simulation.Prng.Chance(50))
                simulation.PowerOff();
            await tracked.StopAsync();
            if (simulation.IsPowerOff)
                simulation.PowerOn();
            SimDisk meta = simulation.Disks["meta"];
            byte[] content = meta.Content;
            int used = Array.FindLastIndex(content, one => one != 0) + 1;
            int at = simulation.Prng.Below(used);
            content[at] ^= (byte)(1 << simulation.Prng.Below(8));
            meta.SetContent(0, content);
            byte[] before = simulation.Disks["data"].Content;
            if (await TrackedDevice.RefusedAsync(async () => tracked = await TrackedDevice.StartAsync(simulation)) is { } why)
            {
                Assert.Contains("--force", why);
                refused.Seen();
                tracked = await TrackedDevice.StartAsync(simulation, force: true);
            }
            Changes changes = await tracked.SinceAsync(epoch);
            (changes.Full is null ? ranges : full).Seen();
            if (changes.Full is null && written.Except(changes.Sectors).ToArray() is [var missing, ..])
                simulation.Fail($"sector {missing} is left out, with a flipped bit in byte {at} of {used}");
            if (!before.AsSpan().SequenceEqual(simulation.Disks["data"].Content))
                simulation.Fail("the tracked device was changed");
            await tracked.StopAsync();
        }), full, ranges);
        Assert.True(full.Count > 0 && ranges.Count > 0);
    }

    [Fact]
    public void Metadata_of_something_else_is_refused() =>
        SeedRunner.Run("track metadata", 1, simulation => simulation.Run(async () =>
        {
            TrackedDevice.AddDisks(simulation);
            simulation.Disks.Add("small", 40);
            simulation.Disks.Add("foreign", TrackedDevice.MetaSectors()).SetContent(0, Stamp.Image(4, 77));
            TrackedDevice tracked = await TrackedDevice.StartAsync(simulation);
            await RefusedWith("belongs to another tracked device", () => TrackedDevice.StartAsync(simulation));
            await tracked.StopAsync();
            await RefusedWith("a device of 96 sectors, not 80", () => TrackedDevice.StartAsync(simulation, sectorCount: 80));
            await RefusedWith("blocks of 1 sectors, not 2", () => TrackedDevice.StartAsync(simulation, "track data 0 2 meta"));
            await RefusedWith("holds data at byte 0, and would be overwritten", () => TrackedDevice.StartAsync(simulation, "track data 0 1 foreign"));
            await RefusedWith("too few", () => TrackedDevice.StartAsync(simulation, "track data 0 1 small"));
            await RefusedWith("is used", () => TrackedDevice.StartAsync(simulation, "track data 0 1 data"));
            await RefusedWith("power of two", () => TrackedDevice.StartAsync(simulation, "track data 0 3 meta"));
            await RefusedWith("no feature", () => TrackedDevice.StartAsync(simulation, "track data 0 1 meta 2 hold 3"));
            Assert.Equal(0UL, (ulong)simulation.Disks.OpenCount);
        }));

    static async Task RefusedWith(string why, Func<Task> what) => Assert.Contains(why, await TrackedDevice.RefusedAsync(what) ?? "not refused");
}
