using System.Diagnostics;
using Ublk.Cli.Tracking;
using Ublk.Host.Tests.Support;
using Ublk.Interop;

namespace Ublk.Host.Tests.Cli;

/// <summary>A refresh believes the copy that the last one wrote, and no other.</summary>
public sealed class CopyRecordTests : IDisposable
{
    readonly TempFolder _folder = new();

    string Copy => _folder["copy"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_copy_that_the_last_refresh_wrote_is_believed()
    {
        Refresh(1, "one");
        Assert.Null(Doubt());
        Refresh(2, "two");
        Assert.Null(Doubt());
        Assert.Equal(2UL, CopyRecord.Read(RecordPath())!.Checkpoint);
    }

    [Theory]
    [InlineData("cp --archive copy old", "mv old copy")]
    [InlineData("cp copy old", "mv old copy")]
    [InlineData("cp --archive copy old", "cp --archive old copy")]
    [InlineData("cp copy old", "cp old copy")]
    [InlineData("cp --archive copy old; cp --archive copy.ublk-dm-copy old.record", "mv old copy; mv old.record copy.ublk-dm-copy")]
    [InlineData("", "printf x | dd of=copy conv=notrunc status=none")]
    [InlineData("", "truncate --size=4096 copy")]
    [InlineData("", "rm copy.ublk-dm-copy")]
    [InlineData("", "cp copy new; mv new copy")]
    public void An_older_or_other_copy_is_not(string between, string after)
    {
        Refresh(1, "one");
        Shell(between);
        Refresh(2, "two");
        Shell(after);
        Assert.NotNull(Doubt());
    }

    [Fact]
    public void A_write_right_behind_a_refresh_is_noticed()
    {
        for (int round = 0; round < 50; round++)
        {
            Refresh(1, "one");
            using (var file = new FileStream(Copy, FileMode.Open, FileAccess.Write)) file.WriteByte(1);
            Assert.NotNull(Doubt());
        }
    }

    [Fact]
    public void A_copy_of_another_device_is_not_believed()
    {
        Refresh(1, "one");
        Assert.Contains("was one of d, sector 0", Doubt("e"), StringComparison.Ordinal);
        Assert.Contains("was one of d, sector 0", Doubt("d", 8), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/backup/d.img", "/backup/d.img")]
    [InlineData("/back up/d.img", "copy-")]
    [InlineData("/backup/ü", "copy-")]
    [InlineData("/a234567890123456789012345678901234567890123456789012345678901234", "copy-")]
    public void Any_path_gives_a_reader_name(string path, string name)
    {
        string reader = CopyRecord.ReaderOf(path);
        Assert.StartsWith(name, reader, StringComparison.Ordinal);
        Assert.True(reader.Length <= 64 && !reader.Contains(' ', StringComparison.Ordinal));
        Assert.NotEqual(reader, CopyRecord.ReaderOf(path + "2"));
    }

    void Refresh(ulong checkpoint, string content)
    {
        using var copy = ExclusiveFile.Open(Copy, creates: true);
        RandomAccess.Write(copy.Handle, System.Text.Encoding.ASCII.GetBytes(content), 0);
        CopyRecord.Seal(copy);
        new CopyRecord("d", 0, checkpoint, CopyRecord.ConditionOf(copy)!).Write(CopyRecord.PathOf(Copy, copy.Identity, _folder.Path));
    }

    string? Doubt(string device = "d", ulong sector = 0)
    {
        using var copy = ExclusiveFile.Open(Copy);
        return CopyRecord.Doubt(CopyRecord.Read(RecordPath()), device, sector, CopyRecord.ConditionOf(copy));
    }

    string RecordPath() => CopyRecord.PathOf(Copy, StorageNode.IdentityAt(Copy)!.Value, _folder.Path);

    void Shell(string commands)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", commands]) { WorkingDirectory = _folder.Path, UseShellExecute = false })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
