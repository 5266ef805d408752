using Xunit;

namespace Ublk.Engine.Tests;

/// <summary>Requests whose bytes stay in the kernel: where they must go through memory, where they must not, and that none is mixed up.</summary>
public sealed class KeptBytesTests
{
    const ulong DiskSectors = 4096;

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    public async Task A_line_that_only_maps_takes_registered_bytes_as_they_are_and_others_through_memory(bool registers, int copied)
    {
        await using var rig = new Rig(workers: 1);
        KernelFront front = await FrontAsync(rig, $"linear {rig.Folder.File("f", DiskSectors)} 8");
        front.Registers = registers;

        await WriteAndReadBackAsync(front, 64);

        Assert.Equal((copied, 0), front.Counted);
        Assert.Equal(Patterns.Of(16, 1), Disk.Read($"{rig.Folder.Path}/f")[(72 * 512)..(88 * 512)]);
    }

    [Fact]
    public async Task Through_a_stack_and_onto_several_legs_bytes_stay_where_they_are()
    {
        await using var rig = new Rig(workers: 1);
        string a = rig.Folder.File("a", DiskSectors), b = rig.Folder.File("b", DiskSectors);
        await rig.CreateAsync("low", $"0 4096 striped 2 8 {a} 0 {b} 0");
        KernelFront front = await FrontAsync(rig, "0 20 linear /dev/ublk-dm/low 4\n20 4000 linear /dev/ublk-dm/low 24");

        await WriteAndReadBackAsync(front, 12);       // crosses chunks of both files and the line

        Assert.Equal((0, 0), front.Counted);
    }

    [Fact]
    public async Task A_target_that_looks_gets_memory_and_a_reload_to_one_does_not_see_a_kept_buffer()
    {
        await using var rig = new Rig(workers: 1);
        string file = rig.Folder.File("f", DiskSectors);
        KernelFront front = await FrontAsync(rig, $"linear {file} 0");
        MappedDevice device = rig.Mapper.Find("d")!;
        rig.Script("sees", new ScriptedTarget(DiskSectors)
        {
            OnMap = static (_, request) =>
            {
                if (request.Op == BlockOp.Read)
                    request.Data.Fill.Fill(0x5A);
                return request.Data.Bytes.Length == 8 * Sectors.Bytes ? Errno.None : Errno.IO;
            },
        });
        await device.SuspendAsync(noFlush: false, default);
        Task<Errno> held = front.IssueAsync(0, BlockOp.Read, 0, 8);
        await device.LoadAsync("scripted sees", new LoadOptions(), default);
        await device.ResumeAsync(default);

        Assert.Equal(Errno.None, await held);
        Assert.True(front.Kept(0)[..(8 * Sectors.Bytes)].IndexOfAnyExcept((byte)0x5A) < 0);
        Assert.Equal((1, 0), front.Counted);
    }

    [Fact]
    public async Task A_request_that_travels_to_another_worker_takes_its_bytes_along()
    {
        await using var rig = new Rig(workers: 2);
        string file = rig.Folder.File("f", DiskSectors);
        rig.Script("home", new ScriptedTarget(DiskSectors) { State = new object(), OnMap = (_, request) => request.Remap(rig.Opened("home")[0], request.Sector) });
        MappedDevice device = await rig.CreateAsync("d", $"scripted home {file}");
        int away = 1 - device.Node!.Facts.Workers[0];
        var front = new KernelFront((ThreadWorker)rig.Workers[away], device.Stack);
        await front.AttachAsync();

        await WriteAndReadBackAsync(front, 0);

        Assert.Equal((2, 0), front.Counted);
    }

    [Fact]
    public async Task A_registered_buffer_that_fails_is_replaced_by_memory_and_counted()
    {
        await using var rig = new Rig(workers: 1);
        MappedDevice device = await rig.CreateAsync("d", $"linear {rig.Folder.File("f", DiskSectors)} 0");
        var front = new KernelFront((ThreadWorker)rig.Workers[0], device.Stack);
        await front.AttachAsync(withBuffers: false);        // the ring answers EFAULT

        await WriteAndReadBackAsync(front, 64);

        Assert.Equal((2, 2), front.Counted);
    }

    [Fact]
    public async Task An_error_that_is_not_the_buffer_s_is_told()
    {
        await using var rig = new Rig(workers: 1);
        KernelFront front = await FrontAsync(rig, "0 4096 error");

        Assert.Equal(Errno.IO, await front.IssueAsync(0, BlockOp.Read, 0, 8));
    }

    // Every slot has a pattern of its own, and the disk keeps each write's memory until all have come: memory that was handed on
    // before its I/O was over would carry another slot's bytes.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_buffer_is_used_again_before_its_I_O_is_over(bool registers)
    {
        const int Slots = 32;
        await using var rig = new Rig(workers: 1);
        var gate = new IoEvent();
        int waiting = 0;
        async IoTask<Errno> Late(TargetIo io, BlockRequest request)
        {
            if (++waiting == Slots)
                gate.Set();
            await gate;
            return await io.Forward(request, rig.Opened("late")[0], request.Sector);
        }
        rig.Script("late", new ScriptedTarget(DiskSectors) { OnMap = (io, request) => Late(io, request) });
        MappedDevice device = await rig.CreateAsync("d", $"scripted late {rig.Folder.File("f", DiskSectors)}");
        var front = new KernelFront((ThreadWorker)rig.Workers[0], device.Stack, Slots) { Registers = registers };
        await front.AttachAsync();

        for (int round = 0; round < 4; round++)
        {
            foreach (BlockOp op in (BlockOp[])[BlockOp.Write, BlockOp.Read])
            {
                waiting = 0;
                await rig.Workers[0].InvokeAsync<Errno>(() =>
                {
                    gate.Reset();
                    return Errno.None;
                });
                for (int slot = 0; slot < Slots; slot++)
                {
                    front.Kept(slot).Clear();
                    if (op == BlockOp.Write)
                        Patterns.Of(16, (slot * 7) + round).CopyTo(front.Kept(slot));
                }
                Errno[] results = await Task.WhenAll(Enumerable.Range(0, Slots).Select(slot => front.IssueAsync(slot, op, (ulong)slot * 16, 16)));
                Assert.All(results, result => Assert.Equal(Errno.None, result));
            }
            for (int slot = 0; slot < Slots; slot++)
                Assert.Equal(Patterns.Of(16, (slot * 7) + round), front.Kept(slot)[..(16 * Sectors.Bytes)].ToArray());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Neither_way_allocates(bool registers)
    {
        await using var rig = new Rig(workers: 1);
        KernelFront front = await FrontAsync(rig, $"linear {rig.Folder.File("f", DiskSectors)} 0");
        front.Registers = registers;

        Assert.True(await rig.Workers[0].InvokeAsync(() => front.Rounds(2_000)) > 0, "warming up allocates: the measure works");
        Assert.Equal(0, await rig.Workers[0].InvokeAsync(() => front.Rounds(20_000)));
    }

    static async Task<KernelFront> FrontAsync(Rig rig, string table)
    {
        MappedDevice device = await rig.CreateAsync("d", table);
        var front = new KernelFront((ThreadWorker)rig.Workers[0], device.Stack);
        await front.AttachAsync();
        return front;
    }

    static async Task WriteAndReadBackAsync(KernelFront front, ulong sector)
    {
        byte[] pattern = Patterns.Of(16, 1);
        pattern.CopyTo(front.Kept(0));
        Assert.Equal(Errno.None, await front.IssueAsync(0, BlockOp.Write, sector, 16));
        Assert.Equal(Errno.None, await front.IssueAsync(1, BlockOp.Read, sector, 16));
        Assert.Equal(pattern, front.Kept(1)[..pattern.Length].ToArray());
    }
}
