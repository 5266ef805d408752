using Ublk.Interop;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class FileLeavesTests
{
    [Theory]
    [InlineData("missing", "ENOENT")]
    [InlineData("empty", "is empty (no whole sector)")]
    [InlineData("folder", "is neither a block device nor a regular file")]
    [InlineData("short", "is empty (no whole sector)")]
    [InlineData("dangling", "ENOENT")]
    public async Task What_cannot_carry_a_device_is_refused_and_left_alone(string name, string reason)
    {
        await using var rig = new Rig();
        rig.Folder.File("empty", 0);
        Directory.CreateDirectory(rig.Folder.At("folder"));
        await File.WriteAllBytesAsync(rig.Folder.At("short"), new byte[511], TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(rig.Folder.At("dangling"), rig.Folder.At("nowhere"));
        string[] before = Directory.GetFileSystemEntries(rig.Folder.Path);

        string refusal = await Refusal(rig, $"linear {rig.Folder.At(name)} 0");

        Assert.StartsWith($"table line 1, argument 1 (device): {rig.Folder.At(name)}: ", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
        Assert.Equal(before.Order(), Directory.GetFileSystemEntries(rig.Folder.Path).Order());
    }

    [Theory]
    [InlineData("/dev/no-such-disk", "no such device")]
    [InlineData("4000:4711", "no such block device")]
    [InlineData("/proc/self/status", "is no storage but a view into the kernel")]
    [InlineData("/sys/kernel/notes", "is no storage but a view into the kernel")]
    [InlineData("/dev/null", "is neither a block device nor a regular file")]
    public async Task A_device_that_is_none_is_refused(string word, string reason)
    {
        await using var rig = new Rig();

        Assert.Equal($"table line 1, argument 1 (device): {word}: {reason}; usage: linear <device> <first sector>", await Refusal(rig, $"linear {word} 0"));
    }

    [Fact]
    public async Task A_mistyped_device_does_not_become_a_file()
    {
        await using var rig = new Rig();

        Assert.Contains("no such device", await Refusal(rig, "stores /dev/no-such-disk"), StringComparison.Ordinal);
        Assert.False(File.Exists("/dev/no-such-disk"));
    }

    [Fact]
    public async Task Loads_at_the_same_time_share_what_one_of_them_opens()
    {
        using var folder = new TempFolder();
        var leaves = new FileLeaves();
        for (int round = 0; round < 100; round++)
        {
            string file = folder.File($"f{round}", 64);
            Task<(LeafDevice Device, bool)>[] loads = [.. Enumerable.Range(0, 4).Select(_ => leaves.AcquireAsync(file, leaves, null, _ => false, default).AsTask())];
            (LeafDevice Device, bool)[] opened = await Task.WhenAll(loads);
            Assert.Single(opened.Select(one => one.Device).Distinct());
            Assert.Equal(1, Descriptors.OpenIn(folder));
            foreach ((LeafDevice device, _) in opened)
                leaves.Release(device, delete: false);
            Assert.Equal(0, Descriptors.OpenIn(folder));
        }
    }

    [Fact]
    public async Task A_file_locked_by_another_process_is_refused_until_it_is_free()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("f", 64);
        int fd = Libc.open(file, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);     // flock knows open files, not processes: this is another's
        Assert.Equal(0, Libc.flock(fd, Fcntl.LOCK_EX | Fcntl.LOCK_NB));
        try
        {
            Assert.Contains("is locked by another process (flock)", await Refusal(rig, $"linear {file} 0"), StringComparison.Ordinal);
        }
        finally
        {
            _ = Libc.close(fd);
        }
        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));

        await rig.CreateAsync("d", $"linear {file} 0");
    }

    [Fact]
    public async Task A_file_in_use_is_locked_for_others_and_free_after_remove()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("f", 64);
        MappedDevice device = await rig.CreateAsync("d", $"linear {file} 0");

        Assert.False(CanLock(file));
        await rig.Mapper.RemoveAsync(device, force: false, default);
        Assert.True(CanLock(file));
    }

    [Fact]
    public async Task A_file_that_is_deleted_in_use_and_one_with_half_a_sector_are_told_once_by_an_event_and_by_status()
    {
        await using var rig = new Rig();
        string whole = rig.Folder.File("whole", 64), odd = rig.Folder.File("odd", 64);
        using (FileStream file = new(odd, FileMode.Append))
            file.Write(new byte[100]);
        MappedDevice device = await rig.CreateAsync("d", $"0 64 linear {whole} 0\n64 64 linear {odd} 0");
        Assert.Equal(1u, device.Info().EventNumber);      // told at the resume
        device.TellNotes();
        Assert.Equal(1u, device.Info().EventNumber);
        IReadOnlyList<LineStatus> status = await device.StatusAsync(inactive: false, default);
        Assert.Empty(status[0].Fields);
        Assert.Equal($"{odd} has 100 bytes behind its last whole sector, which are left out", Assert.Single(status[1].Fields).Text);

        File.Delete(whole);
        device.TellNotes();
        device.TellNotes();
        Assert.Equal(2u, device.Info().EventNumber);
        StatusField field = Assert.Single((await device.StatusAsync(inactive: false, default))[0].Fields);
        Assert.Equal($"{whole} was deleted while it is in use", field.Text);
        Assert.Contains("/fd/", field.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_device_is_called_what_it_was_named_and_a_table_prints_its_number_and_a_loop_device_on_a_file_is_seen()
    {
        if (Environment.UserName != "root" || !File.Exists("/dev/loop-control"))
            Assert.Skip("needs root and loop devices");
        await using var rig = new Rig();
        string file = rig.Folder.File("disk", 2048);
        string loop = Losetup("--find", "--show", file);
        try
        {
            Assert.Contains($"{file}: is in use by {loop}; detach that first", await Refusal(rig, $"linear {file} 0"), StringComparison.Ordinal);
            string named = rig.Folder.At("by-name");
            File.CreateSymbolicLink(named, loop);
            Assert.Contains($"do not fit on {named}, which has 2048", await Refusal(rig, $"0 4096 linear {named} 0"), StringComparison.Ordinal);
            MappedDevice device = await rig.CreateAsync("d", $"linear {named} 0");
            File.Delete(named);
            BackingFact fact = Assert.Single(device.Info().Backing);
            Assert.Equal(($"{fact.Device} 0", named), (Assert.Single(device.Table(inactive: false)).Params, fact.Path));
            Assert.Matches("^[0-9]+:[0-9]+$", fact.Device);
            await rig.Mapper.RemoveAsync(device, force: false, default);
        }
        finally
        {
            Losetup("--detach", loop);
        }
    }

    static string Losetup(params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("losetup", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    [Fact]
    public async Task A_store_that_does_not_exist_is_created_sparse_and_private_and_stays_after_remove()
    {
        await using var rig = new Rig();
        string store = rig.Folder.At("cow");

        MappedDevice device = await rig.CreateAsync("d", $"stores {store}");

        Assert.Equal(64 * 512, new FileInfo(store).Length);
        Assert.Equal(0ul, Disk.AllocatedSectors(store));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(store));
        await rig.Mapper.RemoveAsync(device, force: false, default);
        Assert.True(File.Exists(store));
    }

    [Fact]
    public async Task A_created_store_is_removed_again_when_the_load_fails_later()
    {
        await using var rig = new Rig();
        string store = rig.Folder.At("cow");

        await Refusal(rig, $"0 64 stores {store}\n64 64 linear {rig.Folder.At("missing")} 0");

        Assert.False(File.Exists(store));
        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
    }

    [Fact]
    public async Task A_store_that_was_there_stays_when_the_load_fails()
    {
        await using var rig = new Rig();
        string store = rig.Folder.File("cow", 64);

        await Refusal(rig, $"0 64 stores {store}\n64 64 linear {rig.Folder.At("missing")} 0");

        Assert.True(File.Exists(store));
    }

    [Fact]
    public async Task A_store_without_a_folder_is_refused()
    {
        await using var rig = new Rig();

        Assert.Contains($"cannot be created: there is no folder {rig.Folder.At("none")}", await Refusal(rig, $"stores {rig.Folder.At("none/cow")}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_longer_than_its_file_is_refused()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("f", 64);

        Assert.Contains($"60 sectors from sector 8 do not fit on {file}, which has 64", await Refusal(rig, $"0 60 linear {file} 8"), StringComparison.Ordinal);
        Assert.Contains("is behind the end", await Refusal(rig, $"linear {file} 64"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_a_sector_at_the_end_of_a_file_is_not_used()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("f", 64);
        Disk.Truncate(file, (64 * 512) + 100);

        MappedDevice device = await rig.CreateAsync("d", $"linear {file} 0");

        Assert.Equal(64ul, device.Info().SectorCount);
    }

    [Fact]
    public async Task A_file_says_how_it_is_written_to()
    {
        await using var rig = new Rig();
        MappedDevice direct = await rig.CreateAsync("direct", $"linear {rig.Folder.File("f", 64)} 0");
        Assert.Equal("direct", Assert.Single(direct.Info().Backing).AccessMode);
    }

    [Fact]
    public async Task A_loaded_table_that_is_replaced_or_cleared_leaves_nothing_open()
    {
        await using var rig = new Rig();
        string[] files = [.. Enumerable.Range(0, 3).Select(i => rig.Folder.File($"f{i}", 64))];
        MappedDevice device = await rig.CreateAsync("d");
        int before = CountDescriptors();

        await device.LoadAsync($"linear {files[0]} 0", new LoadOptions(), default);
        Assert.Equal(1, Descriptors.OpenIn(rig.Folder));
        await device.LoadAsync($"0 64 linear {files[1]} 0\n64 64 linear {files[2]} 0", new LoadOptions(), default);
        Assert.Equal(2, Descriptors.OpenIn(rig.Folder));
        await device.ClearAsync(default);

        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
        Assert.Equal(before, CountDescriptors());
        Assert.False(device.Info().HasInactive);
        Assert.All(files, file => Assert.True(CanLock(file)));
    }

    [Fact]
    public async Task A_table_that_is_swapped_out_closes_what_only_it_had()
    {
        await using var rig = new Rig();
        string old = rig.Folder.File("old", 64), both = rig.Folder.File("both", 128);
        MappedDevice device = await rig.CreateAsync("d", $"0 64 linear {old} 0\n64 64 linear {both} 0");

        await device.LoadAsync($"linear {both} 0", new LoadOptions(), default);
        Assert.Equal(2, Descriptors.OpenIn(rig.Folder));
        await device.ResumeAsync(default);

        Assert.Equal(1, Descriptors.OpenIn(rig.Folder));
        Assert.True(CanLock(old));
        Assert.False(CanLock(both));
    }

    [Fact]
    public async Task Whole_blocks_are_read_and_written_beside_the_rings()
    {
        await using var rig = new Rig();
        string path = rig.Folder.File("f", 8192);
        var leaves = new FileLeaves();
        (LeafDevice file, bool created) = await leaves.AcquireAsync(path, leaves, null, _ => false, default);
        byte[] bytes = Patterns.Of(4096, 5), back = new byte[bytes.Length];

        Assert.False(created);
        Assert.Equal(Errno.None, await file.WriteAsync(16, bytes, BlockFlags.Fua));
        Assert.Equal(Errno.None, await file.ReadAsync(16, back));
        Assert.Equal(bytes, back);
        Assert.Equal(bytes, Disk.Read(path).AsSpan(16 * 512, bytes.Length).ToArray());
        Assert.Equal(Errno.IO, await file.ReadAsync(8184, new byte[8192]));
        leaves.Release(file, delete: false);
    }

    [Fact]
    public async Task A_file_that_is_cut_short_is_told_and_not_made_longer_by_writes()
    {
        await using var rig = new Rig();
        string path = rig.Folder.File("f", 64);
        MappedDevice device = await rig.CreateAsync("d", $"linear {path} 0");
        uint before = device.Info().EventNumber;
        Disk.Truncate(path, 32 * 512);

        await device.WaitAsync(before, default).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(Errno.IO, await rig.Front(device).WriteAsync(32, Patterns.Of(32, 1)));
        Assert.Equal(Errno.IO, await device.Stack.WriteAsync(40, new byte[512], BlockFlags.None));
        Assert.Equal(Errno.None, await rig.Front(device).WriteAsync(0, Patterns.Of(32, 1)));
        Assert.Equal(32L * 512, new FileInfo(path).Length);
        StatusField shrunk = Assert.Single((await device.StatusAsync(inactive: false, default))[0].Fields, field => field.Name == "shrunk");
        Assert.Equal(32, shrunk.Value);
    }

    [Fact]
    public async Task Room_for_a_file_with_holes_is_taken_without_changing_it()
    {
        using var folder = new TempFolder();
        string path = folder.File("f", 1024);
        Disk.Truncate(path, 0);
        Disk.Truncate(path, 1024 * 512);
        var leaves = new FileLeaves();
        (LeafDevice file, _) = await leaves.AcquireAsync(path, leaves, null, _ => false, default);

        Assert.Equal(Errno.None, await file.AllocateAsync(0, 512));

        Assert.InRange(Disk.AllocatedSectors(path), 512ul, 1000ul);
        Assert.True(Disk.Read(path).AsSpan().IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(Errno.IO, await file.AllocateAsync(1024, 8));
        leaves.Release(file, delete: false);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(122)]
    [InlineData(27)]
    public void No_room_has_one_name(int errno) => Assert.Equal(Errno.NoSpace, KernelErrno.Of(errno));

    static int CountDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    static bool CanLock(string path)
    {
        int fd = Libc.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        bool locked = Libc.flock(fd, Fcntl.LOCK_EX | Fcntl.LOCK_NB) == 0;
        _ = Libc.close(fd);
        return locked;
    }

    static async Task<string> Refusal(Rig rig, string table)
    {
        MappedDevice device = await rig.CreateAsync($"d{Guid.NewGuid():N}");
        return (await Assert.ThrowsAsync<DmException>(() => device.LoadAsync(table, new LoadOptions(), default))).Message;
    }
}
