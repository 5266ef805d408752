using Ublk.Engine;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>A store has one user and is nobody's origin.</summary>
public class StoreInUseTests
{
    [Theory]
    [InlineData("snapshot other cow P 8", "cow")]
    [InlineData("snapshot cow free P 8", "cow")]
    [InlineData("snapshot-origin cow", "cow")]
    [InlineData("snapshot other other P 8", "other")]
    public void A_store_that_is_in_use_is_refused_and_left_alone(string table, string why) =>
        SeedRunner.Run($"in use {table}", 3, simulation => simulation.Run(async () =>
        {
            foreach (string disk in (string[])["origin", "other", "cow", "free"])
                simulation.Disks.Add(disk, 1024);
            var family = new SnapshotTargetType();
            SimHost host = simulation.Boot(1, family, new OriginTargetType(family), new MergeTargetType(family));
            MappedDevice first = await host.StartAsync("first", "0 1024 snapshot origin cow P 8");
            Assert.Equal(Errno.None, await first.Stack.WriteAsync(0, new byte[4096], BlockFlags.None));
            byte[] before = simulation.Disks["cow"].Content.ToArray();

            DmException refused = await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("second", $"0 1024 {table}"));

            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
            Assert.Equal(before, simulation.Disks["cow"].Content.ToArray());
            Assert.DoesNotContain(simulation.Disks["other"].Content.ToArray(), value => value != 0);
            await host.ShutDownAsync();
        }));
}
