using Ublk.Targets.Basic;
using Ublk.Targets.Log;
using Ublk.Targets.Mirror;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>Every target that hands what it knows from table to table, with refused tables, failed stores and other tables in between.</summary>
public class HandingTests
{
    const int Seeds = 100;
    const int N = HandingScenario.SectorCount;

    [Fact]
    public void A_map_with_metadata_knows_what_was_written() => Run("handing track", Track("None"));

    [Fact]
    public void A_map_in_memory_knows_what_was_written() => Run("handing track in memory", Track("None", isInMemory: true));

    [Theory]
    [InlineData("BelieveDisk")]
    [InlineData("ForgetReplaced")]
    public void A_bug_of_a_map_is_found(string bug) => Find($"handing track {bug}", Track(bug));

    [Theory]
    [InlineData("disk")]
    [InlineData("core")]
    public void A_mirror_s_legs_are_alike(string log) => Run($"handing mirror {log}", Mirror(log, "None"));

    [Theory]
    [InlineData("WriteAtPrepare")]
    [InlineData("ForgetReplaced")]
    [InlineData("BelieveUnwritten")]
    public void A_bug_of_a_log_is_found(string bug) => Find($"handing mirror {bug}", Mirror("disk", bug));

    [Fact]
    public void A_snapshot_holds_what_was_written_and_what_the_origin_held() => Run("handing snapshot", Snapshot());

    static void Run(string name, HandingPlan plan) => SeedRunner.Run(
        name, Seeds, simulation => HandingScenario.Run(simulation, plan),
        plan.Failing.Length == 0 ? [plan.Refused, plan.HandedOn, plan.Replaced] : [plan.Refused, plan.HandedOn, plan.Replaced, plan.Failed]);

    static void Find(string name, HandingPlan plan) => SeedRunner.Find(name, 500, simulation => HandingScenario.Run(simulation, plan));

    static HandingPlan Track(string bug, bool isInMemory = false) => new()
    {
        Line = prng => $"track data 0 1 {(isInMemory ? "-" : "meta")} 2 keep {prng.Between(1, 4)}",
        Other = "linear data 0",
        Failing = isInMemory ? [] : ["meta"],
        Types = () => [new TrackTargetType(TrackedDevice.Limits, Enum.Parse<TrackFaults>(bug)), new LinearTargetType(), new RefusingTargetType()],
        Oracle = simulation =>
        {
            TrackedDevice.AddDisks(simulation, N);
            return new TrackHandingOracle(simulation, isInMemory);
        },
    };

    /// <summary>
    /// Leg b cannot be written either while the log cannot. With handle_errors: without it a region that could not be recovered counts as recovered, as in
    /// the kernel.
    /// </summary>
    static HandingPlan Mirror(string log, string bug) => new()
    {
        Line = prng => $"mirror {(log == "disk" ? "disk 2 log" : "core 1")} 64 2 a 0 b 0 {prng.Pick("2 handle_errors keep_log", "3 handle_errors keep_log adopt")}",
        RefusedLine = $"mirror {(log == "disk" ? "disk 3 log" : "core 2")} 64 nosync 2 a 0 b 0",
        Other = "linear a 0",
        Failing = log == "disk" ? ["log", "b"] : ["b"],
        Types = () => [new MirrorTargetType([new CoreLogType(), new DiskLogType(Enum.Parse<MirrorFaults>(bug))]), new LinearTargetType(), new RefusingTargetType()],
        Oracle = simulation =>
        {
            byte[] content = Stamp.Image(N, 0x0C00_0000_0000_0000);
            simulation.Disks.Add("a", N).SetContent(0, content);
            simulation.Disks.Add("b", N);
            simulation.Disks.Add("log", 16);
            return new CopyHandingOracle(simulation, content, isLostByErrors: false, "a", "b");
        },
    };

    /// <summary>A store that fails makes the snapshot invalid, as it must; it may be that for good, but never be read wrongly.</summary>
    static HandingPlan Snapshot() => new()
    {
        Line = prng => prng.Pick("snapshot origin cow P 4", "snapshot origin cow PO 4", "snapshot origin cow P 4 1 discard_zeroes_cow"),
        Other = "linear other 0",
        IsOtherElsewhere = true,
        HasOneHeir = true,
        Failing = ["cow"],
        Types = () =>
        {
            var snapshots = new SnapshotTargetType();
            return [snapshots, new OriginTargetType(snapshots), new LinearTargetType(), new RefusingTargetType()];
        },
        Oracle = simulation =>
        {
            byte[] content = Stamp.Image(N, 0x0C00_0000_0000_0000);
            simulation.Disks.Add("origin", N).SetContent(0, content);
            simulation.Disks.Add("cow", 2 * N);
            simulation.Disks.Add("other", N);
            return new CopyHandingOracle(simulation, content, isLostByErrors: true);
        },
    };
}
