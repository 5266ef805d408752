using Ublk.Engine;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>
/// What came with a table is applied once, when the table becomes live: a later resume neither
/// tells it again nor undoes a message.
/// </summary>
public class TableOptionsTests
{
    const int SectorCount = 64;

    [Fact]
    public void A_resume_tells_no_low_space_level_again() => Run("told again", new LoadOptions(LowSpacePercents: [20]), async snapshot =>
    {
        uint events = snapshot.Info().EventNumber;
        Assert.True(events > 0, "the level was not told at all");

        await snapshot.SuspendAsync(noFlush: false, default);
        await snapshot.ResumeAsync(default);
        Assert.Equal(events, snapshot.Info().EventNumber);
        Assert.Equal("20 %", await FieldAsync(snapshot, "low space at"));
    });

    [Fact]
    public void A_resume_keeps_low_space_levels_that_a_message_set() => Run("message kept", new LoadOptions(LowSpacePercents: [20]), async snapshot =>
    {
        await snapshot.MessageAsync(0, ["low_space", "50", "90"], default);

        await snapshot.SuspendAsync(noFlush: false, default);
        await snapshot.ResumeAsync(default);
        Assert.Equal("50, 90 %", await FieldAsync(snapshot, "low space at"));
    });

    [Fact]
    public void A_table_that_comes_later_brings_its_own_options_or_leaves_what_is_set() => Run("next table", new LoadOptions(LowSpacePercents: [20], HoldMs: 100), async snapshot =>
    {
        await snapshot.MessageAsync(0, ["low_space", "50"], default);
        await SimHost.ReloadAsync(snapshot, Table);
        Assert.Equal("50 %", await FieldAsync(snapshot, "low space at"));
        Assert.Contains("100 ms", await FieldAsync(snapshot, "when full"), StringComparison.Ordinal);

        await snapshot.LoadAsync(Table, new LoadOptions(LowSpacePercents: [70], HoldMs: 200), default);
        Assert.Equal("50 %", await FieldAsync(snapshot, "low space at"));
        await snapshot.ResumeAsync(default);
        Assert.Equal("70 %", await FieldAsync(snapshot, "low space at"));
        Assert.Contains("200 ms", await FieldAsync(snapshot, "when full"), StringComparison.Ordinal);
    });

    static string Table => $"0 {SectorCount} snapshot origin cow P 4";

    static void Run(string name, LoadOptions options, Func<MappedDevice, Task> test) => SeedRunner.Run($"table options {name}", 5, simulation => simulation.Run(async () =>
    {
        simulation.Disks.Add("origin", SectorCount);
        simulation.Disks.Add("cow", SectorCount);
        SimHost host = simulation.Boot(1, new SnapshotTargetType());
        MappedDevice snapshot = await host.StartAsync("s", Table, options);
        Assert.Equal(Errno.None, await snapshot.Stack.WriteAsync(0, new byte[8 * 512], BlockFlags.None));
        await test(snapshot);
        await host.ShutDownAsync();
    }));

    static async Task<string> FieldAsync(MappedDevice device, string name) =>
        (await device.StatusAsync(inactive: false, default))[0].Fields.First(field => field.Name == name).Text;
}
