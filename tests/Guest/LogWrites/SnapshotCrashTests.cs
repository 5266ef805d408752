using System.IO.Compression;
using Ublk.Formats.LogWrites;
using Xunit;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>What a power failure could leave of an origin and its COW store: the logs of scenario 48, replayed here, where it is fast.</summary>
public sealed class SnapshotCrashTests
{
    [Theory]
    [InlineData("chunk-1")]
    [InlineData("chunk-8")]
    [InlineData("chunk-64")]
    public void Origin_and_snapshot_are_legal_after_a_power_failure_at_any_point(string run)
    {
        (CrashStates states, SnapshotJudge judge) = Replay(run);
        CrashReplay.AssertAllLegal(states);
        Assert.True(states.SyncCount > 2 && judge.ExceptionCount > 2 && judge.Writes is (> 2, > 2), $"too little was done: {states.SyncCount} syncs, {judge.Seen}");
    }

    /// <summary>The same workload through a store with a planted bug: each commit leaves out its flush.</summary>
    [Fact]
    public void A_commit_without_its_flush_is_found()
    {
        (CrashStates states, _) = Replay("without-flush", untilIllegal: true);
        CrashReplay.AssertFound(states);
    }

    /// <summary>Whatever the disk does with a flush, the order of the log alone must not make it legal.</summary>
    [Theory]
    [InlineData("chunk-1")]
    [InlineData("chunk-8")]
    [InlineData("chunk-64")]
    public void A_disk_that_ignores_flushes_is_found(string run)
    {
        (CrashStates states, _) = Replay(run, forgetFlushes: true, untilIllegal: true);
        CrashReplay.AssertFound(states);
    }

    [Fact]
    public void A_log_of_the_kernel_is_read()
    {
        using var packed = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", "logwrites-log.img.gz")), CompressionMode.Decompress);
        using var log = new MemoryStream();
        packed.CopyTo(log);
        List<LogEntry> entries = LogEntry.ReadAll(log.ToArray());
        Assert.Equal(0x29, entries.Count);
        Assert.Equal(["LOAD", "RESUME", "INSYNC"], entries.Where(entry => entry.Is(LogWritesFlags.Mark)).Select(entry => entry.Mark).Take(3));
        Assert.Equal((0, 3, LogWritesFlags.None), (entries[2].Sector, entries[2].SectorCount, entries[2].Flags));
        Assert.Equal("rRiM"u8, entries[2].Data.Span[..4]);
        Assert.Equal((0, LogWritesFlags.Flush), (entries[5].SectorCount, entries[5].Flags));
    }

    static (CrashStates States, SnapshotJudge Judge) Replay(string run, bool forgetFlushes = false, bool untilIllegal = false)
    {
        string folder = CrashReplay.FolderOf("48-snapshot-log-writes", run);
        var judge = new SnapshotJudge(folder);
        return (CrashReplay.Run(folder, judge, forgetFlushes: forgetFlushes, untilIllegal: untilIllegal), judge);
    }
}
