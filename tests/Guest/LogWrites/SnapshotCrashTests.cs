using System.IO.Compression;
using Xunit;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>What a power failure could leave of an origin and its COW store: the logs of scenario 48, replayed here, where it is fast.</summary>
public sealed class SnapshotCrashTests
{
    /// <summary>Choices of what is lost and torn; UBLK_DM_ROUNDS times as many in a long run.</summary>
    const int Losses = 5000;

    const int TearsEach = 4;

    static int Rounds => int.Parse(Environment.GetEnvironmentVariable("UBLK_DM_ROUNDS") ?? "1");

    public static TheoryData<string, string> Runs()
    {
        var data = new TheoryData<string, string>();
        foreach (string kernel in GuestRun.Kernels)
        {
            foreach (string run in (string[])["chunk-1", "chunk-8", "chunk-64"])
                data.Add(kernel, run);
        }
        return data;
    }

    public static TheoryData<string> Kernels() => [.. GuestRun.Kernels];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Origin_and_snapshot_are_legal_after_a_power_failure_at_any_point(string kernel, string run)
    {
        CrashStates states = Replay(kernel, run);
        Assert.True(states.IllegalCount == 0, $"{states.IllegalCount} of {states.Count} states are not legal; the first: {states.FirstIllegal}");
        Assert.True(states.Count >= Losses, $"only {states.Count} states were looked at");
        Assert.True(states.SyncCount > 2 && states.ExceptionCount > 2 && states.Writes is (> 2, > 2),
            $"too little was done: {states.Writes} writes, {states.SyncCount} syncs, {states.ExceptionCount} exceptions");
    }

    /// <summary>The same workload through a store with a planted bug: each commit leaves out its flush.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_commit_without_its_flush_is_found(string kernel)
    {
        CrashStates states = Replay(kernel, "without-flush", untilIllegal: true);
        Assert.True(states.IllegalCount > 0, $"all of {states.Count} states are legal");
    }

    /// <summary>Whatever the disk does with a flush, the order of the log alone must not make it legal.</summary>
    [Theory]
    [MemberData(nameof(Runs))]
    public void A_disk_that_ignores_flushes_is_found(string kernel, string run)
    {
        CrashStates states = Replay(kernel, run, forgetFlushes: true, untilIllegal: true);
        Assert.True(states.IllegalCount > 0, $"all of {states.Count} states are legal");
    }

    [Fact]
    public void A_log_of_the_kernel_is_read()
    {
        using var packed = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", "logwrites-log.img.gz")), CompressionMode.Decompress);
        using var log = new MemoryStream();
        packed.CopyTo(log);
        List<LogEntry> entries = LogWritesLog.Read(log.ToArray());
        Assert.Equal(0x29, entries.Count);
        Assert.Equal(["LOAD", "RESUME", "INSYNC"], entries.Where(entry => entry.Is(LogFlags.Mark)).Select(entry => entry.Mark).Take(3));
        Assert.Equal((0, 3, LogFlags.None), (entries[2].Sector, entries[2].SectorCount, entries[2].Flags));
        Assert.Equal("rRiM"u8, entries[2].Data.Span[..4]);
        Assert.Equal((0, LogFlags.Flush), (entries[5].SectorCount, entries[5].Flags));
    }

    static CrashStates Replay(string kernel, string run, bool forgetFlushes = false, bool untilIllegal = false)
    {
        string folder = Path.Combine(GuestRun.On(kernel).Out, "48-snapshot-log-writes", run);
        Assert.True(File.Exists(Path.Combine(folder, "layout")), $"scenario 48-snapshot-log-writes left nothing in {folder}; see its result");
        int seed = Random.Shared.Next();
        var states = new CrashStates(folder, seed, forgetFlushes);
        states.Run(TearsEach * Rounds, Losses * Rounds, untilIllegal);
        Console.WriteLine($"{kernel}: {run}{(forgetFlushes ? " without flushes" : "")}: {states.Count} states, {states.IllegalCount} not legal; seed {seed}, "
            + $"{states.Writes} writes, {states.SyncCount} syncs, {states.ExceptionCount} exceptions; {states.FirstIllegal}");
        return states;
    }
}
