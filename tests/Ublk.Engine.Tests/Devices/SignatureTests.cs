using Ublk.Targets.Log;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Engine.Tests;

/// <summary>What a target would overwrite is looked at first, by the real <c>blkid</c>. The targets are the product's.</summary>
[Collection("memory")]
public sealed class SignatureTests
{
    const ulong SectorCount = 16 << 11;

    public static TheoryData<string, long, string, string> Signatures => new()
    {
        { "btrfs", 0x10040, "5F42485266535F4D", "holds btrfs" },
        { "md 1.0", ((long)SectorCount - 16) * 512, "FC4E2BA901000000", "holds linux_raid_member" },
        { "gpt at the end", ((long)SectorCount - 1) * 512, "4546492050415254", "holds the second copy of a partition table (gpt)" },
        { "LUKS", 0, "4C554B53BABE0001", "holds crypto_LUKS" },
        { "LVM", 512, "4C4142454C4F4E45", "holds " },
        { "swap", 4086, "53574150535041434532", "holds swap" },
        { "data without a signature", 100, "01", "holds data at byte 100" },
    };

    [Theory]
    [MemberData(nameof(Signatures))]
    public async Task What_a_device_holds_is_refused_by_every_target_and_left_alone(string what, long at, string magic, string why)
    {
        await using var rig = new Rig(types: Types());
        string data = rig.Folder.File("data", SectorCount), log = rig.Folder.File("log", SectorCount);
        byte[] bytes = Image(what, at, magic);
        foreach (string table in Tables(data, log))
        {
            await File.WriteAllBytesAsync(log, bytes, TestContext.Current.CancellationToken);
            DmException refused = await Assert.ThrowsAsync<DmException>(async () => await rig.CreateAsync($"d{Guid.NewGuid():N}", table));
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
            Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
            byte[] after = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
            Assert.True(bytes.AsSpan().SequenceEqual(after), $"{what}: {table} wrote");
            await rig.CreateAsync($"f{Guid.NewGuid():N}", table, new LoadOptions(Force: true));
            foreach (MappedDevice device in rig.Mapper.Devices)
                await rig.Mapper.RemoveAsync(device, force: false, default);
        }
    }

    [Fact]
    public async Task What_is_on_a_device_of_ours_and_on_a_pools_member_is_seen_too()
    {
        await using var rig = new Rig(types: Types());
        string data = rig.Folder.File("data", SectorCount), log = rig.Folder.File("log", SectorCount);
        await File.WriteAllBytesAsync(log, Image("btrfs", 0x10040, "5F42485266535F4D"), TestContext.Current.CancellationToken);
        await rig.CreateAsync("below", $"linear {log} 0");

        Assert.Contains("holds btrfs", (await Assert.ThrowsAsync<DmException>(async () => await rig.CreateAsync("l", $"log-writes {data} /dev/ublk-dm/below"))).Message,
            StringComparison.Ordinal);
        await rig.Mapper.RemoveAsync(rig.Mapper.Find("below")!, force: false, default);
        Assert.Contains("holds btrfs", (await Assert.ThrowsAsync<DmException>(async () => await rig.CreateAsync("p", $"linear {data}+{log} 0"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blank_device_and_a_targets_own_format_are_taken()
    {
        await using var rig = new Rig(types: Types());
        string data = rig.Folder.File("data", SectorCount), log = rig.Folder.File("log", SectorCount);
        foreach (string table in Tables(data, log))
        {
            await File.WriteAllBytesAsync(log, new byte[SectorCount * 512], TestContext.Current.CancellationToken);
            for (int round = 0; round < 2; round++)
            {
                MappedDevice device = await rig.CreateAsync($"d{Guid.NewGuid():N}", table);
                await rig.Mapper.RemoveAsync(device, force: false, default);
            }
        }
    }

    [Fact]
    public async Task Without_blkid_what_is_blank_is_taken_and_anything_else_refused()
    {
        var leaves = new FileLeaves();
        (LeafDevice memory, _) = await leaves.AcquireAsync("mem:16M", leaves, null, _ => false, default);
        try
        {
            Assert.Null(await SignatureCheck.FindAsync(memory, [], default));
            Assert.Equal(Errno.None, await memory.WriteAsync(SectorCount - 8, Enumerable.Repeat((byte)1, 4096).ToArray(), BlockFlags.None));
            Assert.Contains("without the program blkid", (await Assert.ThrowsAsync<BackingException>(() => SignatureCheck.FindAsync(memory, [], default))).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            leaves.Release(memory, delete: false);
        }
    }

    [Fact]
    public async Task A_start_that_cannot_be_read_is_refused_but_for_a_mirrors_log()
    {
        await using var rig = new Rig(types: Types());
        var unreadable = new Unreadable();
        var devices = new TableDevices(rig.Mapper, await rig.CreateAsync("d"));

        BackingException refused = await Assert.ThrowsAsync<BackingException>(() => devices.CheckHoldsNothingAsync(unreadable, 4096, head => head.Length > 0, default));
        Assert.Contains("nobody can see whether it holds something", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        await devices.CheckHoldsNothingAsync(unreadable, 4096, head => head.IsEmpty, default);
        unreadable.FirstBad = 1;
        await Assert.ThrowsAsync<BackingException>(() => devices.CheckHoldsNothingAsync(unreadable, 4096, head => head.IsEmpty, default));
    }

    sealed class Unreadable : BackingDevice
    {
        public ulong FirstBad { get; set; }

        public override ulong SectorCount => 8192;

        public override BlockOps Ops => BlockOps.All;

        public override string AccessMode => "direct";

        public override BlockLimits Limits => BlockLimits.None;

        public override string ToString() => "unreadable";

        public override ValueTask<Errno> ReadAsync(ulong sector, Memory<byte> into) =>
            new(sector + ((ulong)into.Length / 512) > FirstBad ? Errno.IO : Errno.None);

        public override ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags) => new(Errno.IO);
    }

    static IEnumerable<TargetType> Types() => [new LogWritesTargetType(), new TrackTargetType(), new MirrorTargetType([new CoreLogType(), new DiskLogType()])];

    static string[] Tables(string data, string log) =>
        [$"0 8192 log-writes {data} {log}", $"0 8192 track {data} 0 8 {log}", $"0 8192 mirror disk 2 {log} 1024 2 {data} 0 {data} 8192"];

    /// <summary>Where a magic alone is not enough for blkid, the rest that it wants.</summary>
    static byte[] Image(string what, long at, string magic)
    {
        byte[] bytes = new byte[SectorCount * 512];
        Convert.FromHexString(magic).CopyTo(bytes, at);
        if (what == "LVM")
            "LVM2 001"u8.CopyTo(bytes.AsSpan(512 + 24));
        if (what == "LUKS")
        {
            "aes"u8.CopyTo(bytes.AsSpan(8));
            "xts-plain64"u8.CopyTo(bytes.AsSpan(40));
            "sha256"u8.CopyTo(bytes.AsSpan(72));
        }
        if (what == "md 1.0")
        {
            BitConverter.GetBytes(SectorCount - 16).CopyTo(bytes, at + 144);     // super_offset
            ulong sum = 0;
            for (int word = 0; word < 256; word += 4)
                sum += BitConverter.ToUInt32(bytes, (int)at + word);
            BitConverter.GetBytes((uint)sum + (uint)(sum >> 32)).CopyTo(bytes, at + 216);
        }
        if (what == "swap")
        {
            bytes[1024] = 1;                                        // version
            BitConverter.GetBytes((uint)(bytes.Length / 4096 - 1)).CopyTo(bytes, 1028);
        }
        if (what == "btrfs")
            BitConverter.GetBytes(4096).CopyTo(bytes, 0x10000 + 144);     // sectorsize
        return bytes;
    }
}
