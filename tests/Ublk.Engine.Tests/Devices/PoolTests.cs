using Xunit;

namespace Ublk.Engine.Tests;

[Collection("memory")]
public sealed class PoolTests
{
    const ulong MiB = 2048;

    [Fact]
    public async Task Members_follow_each_other_behind_their_superblocks()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 3 * MiB), b = rig.Folder.File("b", 2 * MiB + 1000);
        MappedDevice device = await rig.CreateAsync("d", $"linear {a}+mem:2M+{b} 0");
        TestFront front = rig.Front(device);
        byte[] bytes = Patterns.Of(4 * (int)MiB, 1);

        Assert.Equal(4 * MiB + 1000, device.Stack.SectorCount);
        for (ulong at = 0; at < 3 * MiB; at += 1000)
        {
            ulong count = Math.Min(1000, 3 * MiB - at);
            Assert.Equal(Errno.None, await front.WriteAsync(at, bytes[(int)(at * 512)..(int)((at + count) * 512)]));
        }
        Assert.Equal(Errno.None, await front.FlushAsync());

        Assert.Equal(bytes[..(int)(2 * MiB * 512)], Disk.Read(a)[(int)(MiB * 512)..]);
        Assert.Equal(bytes[(int)(2 * MiB * 512 - 4096)..(int)(2 * MiB * 512 + 4096)], await front.ReadAsync(2 * MiB - 8, 16));
        Assert.Equal($"{a}+mem:2M+{b} 0", Assert.Single(device.Table(inactive: false)).Params);
        Assert.Equal([a, "mem:2M", b, $"{a}+mem:2M+{b}"], device.Info().Backing.Select(fact => fact.Path));
    }

    [Fact]
    public async Task A_flush_goes_to_every_member()
    {
        await using var rig = new Rig();
        int[] flushes = [0, 0];
        for (int i = 0; i < 2; i++)
        {
            int member = i;
            rig.Script($"m{i}", new ScriptedTarget(4 * MiB)
            {
                OnMap = (io, request) =>
                {
                    if (request.Op == BlockOp.Flush)
                        Interlocked.Increment(ref flushes[member]);
                    if (request.Op == BlockOp.Read)
                        request.Data.Fill.Clear();
                    return Errno.None;
                },
            });
            await rig.CreateAsync($"m{i}", $"scripted m{i}");
        }
        MappedDevice device = await rig.CreateAsync("d", "linear /dev/ublk-dm/m0+/dev/ublk-dm/m1 0");

        Assert.Equal(Errno.None, await rig.Front(device).FlushAsync());
        Assert.Equal([1, 1], flushes);
    }

    [Fact]
    public async Task A_pool_that_somebody_uses_outlives_the_table_that_made_it()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 2 * MiB), b = rig.Folder.File("b", 2 * MiB);
        MappedDevice maker = await rig.Mapper.CreateAsync("maker", null, null, default);
        await maker.LoadAsync($"linear {a}+{b} 0", new LoadOptions(), default);
        MappedDevice user = await rig.CreateAsync("user", $"linear {a}+{b} 0");
        byte[] bytes = Patterns.Of(8, 1);
        Assert.Equal(Errno.None, await rig.Front(user).WriteAsync(0, bytes));

        await maker.ClearAsync(default);
        Assert.Equal(bytes, await rig.Front(user).ReadAsync(0, 8));
        await rig.Mapper.RemoveAsync(user, force: false, default);

        MappedDevice again = await rig.CreateAsync("again", $"linear {a}+{b} 0");
        Assert.Equal(bytes, await rig.Front(again).ReadAsync(0, 8));
    }

    [Theory]
    [InlineData("linear {0} 0", "linear {0}+{1} 0", "by itself")]
    [InlineData("linear {0}+{1} 0", "linear {0} 0", "as a member of")]
    [InlineData("linear {0}+{1} 0", "linear {1}+{0} 0", "as a member of")]
    public async Task A_device_is_used_by_itself_or_in_one_pool(string first, string second, string why)
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 2 * MiB), b = rig.Folder.File("b", 2 * MiB);
        MappedDevice device = await rig.CreateAsync("d", string.Format(first, a, b));
        byte[] before = Disk.Read(a);

        DmException other = await Assert.ThrowsAsync<DmException>(() => rig.CreateAsync("e", string.Format(second, a, b)));
        DmException own = await Assert.ThrowsAsync<DmException>(() => device.LoadAsync(string.Format(second, a, b), new LoadOptions(Force: true), default));

        Assert.Contains(why, other.Message, StringComparison.Ordinal);
        Assert.Contains(why, own.Message, StringComparison.Ordinal);
        Assert.Equal(before, Disk.Read(a));
    }

    [Fact]
    public async Task A_pool_comes_back_with_its_content_and_a_last_member_that_grew_makes_it_larger()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 2 * MiB), b = rig.Folder.File("b", 2 * MiB);
        byte[] bytes = Patterns.Of(64, 1);
        MappedDevice device = await rig.CreateAsync("d", $"linear {a}+{b} 0");
        await rig.Front(device).WriteAsync(MiB - 32, bytes);
        await rig.Mapper.RemoveAsync(device, force: false, default);
        Disk.Truncate(a, 4 << 20);
        Disk.Truncate(b, 3 << 20);

        device = await rig.CreateAsync("d", $"linear {a}+{b} 0");

        Assert.Equal(3 * MiB, device.Stack.SectorCount);
        Assert.Equal(bytes, await rig.Front(device).ReadAsync(MiB - 32, 64));
        await rig.Mapper.RemoveAsync(device, force: false, default);
        Disk.Truncate(b, 2 << 20);
        Assert.Contains("has shrunk: it had 4096 sectors behind its first 2048 and has 2048; extend it again", await Refusal(rig, $"linear {a}+{b} 0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_last_member_that_grows_while_the_pool_is_open_makes_it_larger_at_once()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 2 * MiB), b = rig.Folder.File("b", 2 * MiB);
        rig.Script("user", new ScriptedTarget(8 * MiB)
        {
            OnMap = (_, request) => request.Remap(rig.Opened("user")[0], request.Sector),
        });
        MappedDevice device = await rig.CreateAsync("d", $"scripted user {a}+{b}");
        TestFront front = rig.Front(device);
        Assert.Equal(Errno.IO, await front.WriteAsync(2 * MiB - 4, Patterns.Of(8, 1)));
        Assert.Equal(2L << 20, new FileInfo(b).Length);

        Disk.Truncate(b, 4 << 20);

        Assert.Equal(4 * MiB, rig.Opened("user")[0].SectorCount);
        Assert.Equal(Errno.None, await front.WriteAsync(2 * MiB - 4, Patterns.Of(8, 1)));
    }

    [Fact]
    public async Task A_reload_of_the_same_pool_gets_the_same_device()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 2 * MiB);
        rig.Script("user", new ScriptedTarget(MiB));
        MappedDevice device = await rig.CreateAsync("d", $"scripted user {a}+mem:2M");
        BackingDevice pool = rig.Opened("user")[0];

        rig.Script("user", new ScriptedTarget(MiB));
        await device.LoadAsync($"scripted user {a}+mem:2M", new LoadOptions(), default);
        await device.ResumeAsync(default);

        Assert.Same(pool, rig.Opened("user")[0]);
        Assert.Equal(1, Descriptors.OpenIn(rig.Folder));
    }

    [Fact]
    public async Task A_member_that_another_device_uses_is_refused()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 2 * MiB), b = rig.Folder.File("b", 2 * MiB);
        await rig.CreateAsync("one", $"owns {a}+mem:2M");

        Assert.Contains($"{b}+{a}: member 2, {a}: is in use by device one", await Refusal(rig, $"owns {b}+{a}"), StringComparison.Ordinal);
        Assert.Contains("member 2", await Refusal(rig, $"owns {b}+{b}"), StringComparison.Ordinal);
        Assert.All(Disk.Read(b), value => Assert.Equal(0, value));
        Assert.Equal(1, Descriptors.OpenIn(rig.Folder));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_and_left_alone()
    {
        await using var rig = new Rig();
        string a = await MadeAsync(rig, "a", "b"), b = rig.Folder.At("b");
        string c = await MadeAsync(rig, "c", "d"), zero = rig.Folder.File("zero", 2 * MiB), full = rig.Folder.File("full", 2 * MiB, fill: 7);
        string small = rig.Folder.File("small", 2 * MiB - 8);
        byte[][] before = [.. new[] { a, b, c, zero, full }.Select(Disk.Read)];

        (string Word, string Message)[] refusals =
        [
            ($"{b}+{a}", $"member 1, {b}, is member 2 of its pool; name the members in the order in which the pool was made: {a}+{b}"),
            ($"{a}+{b}+{zero}", $"member 1, {a}, belongs to a pool of 2 members, and the table names 3"),
            ($"{a}+{zero}", $"member 2, {zero}, is no member of a pool, but member 1, {a}, is"),
            ($"{zero}+{b}", $"member 1, {zero}, is no member of a pool, but member 2, {b}, is"),
            ($"{a}+mem:2M", "member 2, mem:2M, is new: it was memory, and what was in it is gone"),
            ($"{a}+{c}", $"member 2, {c}, belongs to another pool than member 1, {a}. If nobody needs it, wipe it: dd if=/dev/zero of={c} "),
            ($"{full}+{zero}", $"member 1, {full}, is no member of a pool and holds data at byte 0. If nobody needs the data, --force overwrites it"),
            ($"{small}+{zero}", $"member 1, {small}, has 4088 sectors; a member of a pool needs 4096 (2 MiB) or more"),
            ($"{a}+/nowhere/x", "member 2, /nowhere/x: "),
        ];
        foreach ((string word, string message) in refusals)
            Assert.Contains(message, await Refusal(rig, $"owns {word}"), StringComparison.Ordinal);

        Assert.Equal(before, new[] { a, b, c, zero, full }.Select(Disk.Read));
        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
    }

    [Fact]
    public async Task A_damaged_superblock_is_told_from_none()
    {
        await using var rig = new Rig();
        string a = await MadeAsync(rig, "a", "b"), b = rig.Folder.At("b");
        byte[] content = Disk.Read(b);
        content[41] ^= 1;
        await File.WriteAllBytesAsync(b, content);
        Assert.Contains($"member 2, {b}, has a damaged pool superblock", await Refusal(rig, $"owns {a}+{b}"), StringComparison.Ordinal);

        content[8] = 9;
        await File.WriteAllBytesAsync(b, content);
        Assert.Contains($"member 2, {b}, belongs to a pool of format version 9", await Refusal(rig, $"owns {a}+{b}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Force_makes_a_pool_anew_where_members_were_lost_and_its_data_begins_with_zeroes()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 2 * MiB);
        MappedDevice device = await rig.CreateAsync("d", $"linear {a}+mem:2M 0");
        await rig.Front(device).WriteAsync(0, Patterns.Of(8, 1));
        await rig.Mapper.RemoveAsync(device, force: false, default);

        device = await rig.CreateAsync("d", $"linear {a}+mem:2M 0", new LoadOptions(Force: true));

        Assert.Equal(new byte[8 * 512], await rig.Front(device).ReadAsync(0, 8));
    }

    [Fact]
    public async Task Force_does_not_take_a_member_of_another_pool_or_another_place()
    {
        await using var rig = new Rig();
        string a = await MadeAsync(rig, "a", "b"), b = rig.Folder.At("b"), c = await MadeAsync(rig, "c", "d");

        Assert.Contains("belongs to another pool", await Refusal(rig, $"owns {a}+{c}", force: true), StringComparison.Ordinal);
        Assert.Contains("is member 2 of its pool", await Refusal(rig, $"owns {b}+{a}", force: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_load_that_fails_leaves_no_file_and_no_superblock()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 2 * MiB), made = rig.Folder.At("made");
        MappedDevice device = await rig.CreateAsync("d");

        await Assert.ThrowsAsync<DmException>(() => device.LoadAsync($"0 5 owns {a}+{made}", new LoadOptions(), default));
        await Assert.ThrowsAsync<DmException>(() => device.LoadAsync($"0 99 linear {a}+mem:2M 5000", new LoadOptions(), default));

        Assert.False(File.Exists(made));
        Assert.All(Disk.Read(a), value => Assert.Equal(0, value));
        await rig.CreateAsync("e", $"linear {a}+mem:2M 0");
    }

    [Fact]
    public async Task Files_that_do_not_exist_are_created()
    {
        await using var rig = new Rig(types: [ScriptedTargetType.Claiming("makes", Claim.Exclusive, createSectors: 3 * MiB)]);
        string a = rig.Folder.At("a"), b = rig.Folder.At("b");

        await rig.CreateAsync("d", $"0 64 makes {a}+{b}");

        Assert.Equal([3L << 20, 3L << 20], [new FileInfo(a).Length, new FileInfo(b).Length]);
    }

    [Fact]
    public async Task What_a_file_system_cannot_give_its_sparse_files_is_told()
    {
        await using var rig = new Rig();
        string small = rig.Folder.File("small", 2 * MiB), huge = rig.Folder.File("huge", 4UL << 31);
        string full = rig.Folder.File("full", 2 * MiB, fill: 1);
        rig.Script("user", new ScriptedTarget(MiB));
        await rig.CreateAsync("d", $"scripted user {small} {huge} {full} mem:64k");
        BackingDevice[] opened = [.. rig.Opened("user")];

        foreach (int i in (int[])[0, 2, 3])
            Assert.Equal(0ul, await opened[i].MissingSectorsAsync());
        ulong free = (ulong)new DriveInfo(huge).AvailableFreeSpace / 512;
        Assert.InRange(await opened[1].MissingSectorsAsync(), (4UL << 31) - free - (1 << 23), (4UL << 31) - free + (1 << 23));
    }

    [Fact]
    public async Task A_path_with_a_plus_is_that_path()
    {
        await using var rig = new Rig();
        Directory.CreateDirectory(rig.Folder.At("a+"));
        string odd = rig.Folder.File("a+/b", 64);

        MappedDevice device = await rig.CreateAsync("d", $"linear {odd} 0");

        Assert.Equal(64ul, device.Stack.SectorCount);
    }

    [Theory]
    [InlineData("/a+/b", "/a", "/b")]
    [InlineData("/a+b+mem:1M", "/a+b", "mem:1M")]
    [InlineData("mem:1M+8:16+/c", "mem:1M", "8:16", "/c")]
    [InlineData("/a+8:1x")]
    [InlineData("/a+b")]
    [InlineData("+/a")]
    public void A_word_is_cut_where_a_member_can_begin(string word, params string[] members) =>
        Assert.Equal(members.Length == 0 ? null : members, PoolWord.Members(word));

    static async Task<string> MadeAsync(Rig rig, string first, string second)
    {
        string a = rig.Folder.File(first, 2 * MiB), b = rig.Folder.File(second, 2 * MiB);
        await rig.Mapper.RemoveAsync(await rig.CreateAsync($"make-{first}", $"linear {a}+{b} 0"), force: false, default);
        return a;
    }

    static async Task<string> Refusal(Rig rig, string table, bool force = false)
    {
        MappedDevice device = await rig.CreateAsync($"d{Guid.NewGuid():N}");
        return (await Assert.ThrowsAsync<DmException>(() => device.LoadAsync(table, new LoadOptions(force), default))).Message;
    }
}
