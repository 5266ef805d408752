using System.Diagnostics;
using Xunit;

namespace Ublk.Interop.Tests;

public sealed class ExclusiveFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("ublk-exclusive-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/dev/null", "is neither a block device nor a regular file")]
    [InlineData("/tmp", "is neither a block device nor a regular file")]
    [InlineData("/dev/no-such-disk", "no such device")]
    public void What_cannot_be_a_copy_is_refused(string path, string why)
    {
        var refused = Assert.Throws<IOException>(() => ExclusiveFile.Open(path, creates: true));

        Assert.StartsWith($"{path}: {why}", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("/dev/no-such-disk"));
    }

    [Fact]
    public void A_pipe_is_refused_and_nobody_waits_for_its_other_end()
    {
        string pipe = $"{_folder}/pipe";
        Run("mkfifo", pipe);

        Assert.Contains("is neither a block device", Assert.Throws<IOException>(() => ExclusiveFile.Open(pipe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_one_users_until_it_is_closed()
    {
        string path = $"{_folder}/copy";
        using (ExclusiveFile first = ExclusiveFile.Open(path, creates: true))
        {
            Assert.True(first.IsNew);
            File.CreateSymbolicLink($"{_folder}/alias", path);
            Assert.Contains("is locked by another process", Assert.Throws<IOException>(() => ExclusiveFile.Open($"{_folder}/alias")).Message, StringComparison.Ordinal);
        }
        using ExclusiveFile again = ExclusiveFile.Open(path, creates: true);
        Assert.Equal((false, 0L), (again.IsNew, again.Length));
    }

    [Fact]
    public void A_file_that_is_not_there_is_made_only_when_that_is_wanted() =>
        Assert.Contains("ENOENT", Assert.Throws<IOException>(() => ExclusiveFile.Open($"{_folder}/none")).Message, StringComparison.Ordinal);

    [Fact]
    public void What_a_loop_device_stands_on_and_a_file_that_is_mounted_by_it_are_refused()
    {
        if (Environment.UserName != "root" || !File.Exists("/dev/loop-control"))
            Assert.Skip("needs root and loop devices");
        string file = $"{_folder}/disk", alias = $"{_folder}/hard-link";
        File.WriteAllBytes(file, new byte[1 << 20]);
        Run("ln", file, alias);
        string loop = Run("losetup", "--find", "--show", file).Trim();
        try
        {
            string refused = Assert.Throws<IOException>(() => ExclusiveFile.Open(alias)).Message;
            Assert.Equal($"{alias}: is in use by {loop}; detach that first: losetup --detach {loop}", refused);
            using ExclusiveFile device = ExclusiveFile.Open(loop);
            Assert.Equal((true, 1L << 20), (device.Identity.IsBlockDevice, device.Length));
            Assert.Contains("in use by a mount, a device or another process", Assert.Throws<IOException>(() => ExclusiveFile.Open(loop)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Run("losetup", "--detach", loop);
        }
    }

    static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
