using Ublk.Interop;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed unsafe class TagBuffersTests
{
    const int Page = 4096;
    const int Longest = 512 * 1024;

    [Fact]
    public void Within_the_cap_a_tag_keeps_what_it_touched()
    {
        var memory = new CopyMemory(4 << 20);
        using var buffers = new TagBuffers(memory, 8, Longest);

        Use(buffers, 3, Longest);

        Assert.Equal(Longest, buffers.RoomToRead(4, Longest));
        Assert.Equal(2 * (Longest - Page), memory.KeptBytes);
        Assert.Equal(Longest, Resident(buffers, 3));
    }

    [Fact]
    public void Beyond_the_cap_a_write_leaves_a_page_and_a_read_comes_in_pieces()
    {
        var memory = new CopyMemory(2 * Longest);
        using var buffers = new TagBuffers(memory, 64, Longest);
        for (int tag = 0; tag < 64; tag++)
            Use(buffers, tag, Longest);
        Assert.InRange(memory.KeptBytes, Longest - Page, 2 * Longest);
        Assert.Equal(Page, Resident(buffers, 63));

        for (int tag = 0; tag < 64; tag++)
        {
            int room = buffers.RoomToRead(tag, Longest);
            Touch(buffers, tag, room);
            Assert.InRange(room, TagBuffers.PieceBytes, Longest);
        }

        // What the class promises: the cap, and a piece of each tag.
        Assert.InRange(memory.KeptBytes, 0, (2 * Longest) + (64 * TagBuffers.PieceBytes));
        Assert.InRange(Enumerable.Range(0, 64).Sum(tag => (long)Resident(buffers, tag)), 0, (2 * Longest) + (64 * (TagBuffers.PieceBytes + Page)));
    }

    [Fact]
    public void A_small_read_on_a_tag_that_kept_much_gives_it_back_while_the_cap_is_exceeded()
    {
        var memory = new CopyMemory(Longest);
        using var buffers = new TagBuffers(memory, 4, Longest);
        Touch(buffers, 0, buffers.RoomToRead(0, Longest));
        buffers.Filled(1, Longest);     // the driver asks nobody
        Assert.True(memory.RoomBytes < 0);

        Assert.Equal(Page, buffers.RoomToRead(0, Page));

        Assert.Equal(Page, Resident(buffers, 0));
        Assert.Equal(Longest - Page, memory.KeptBytes);
    }

    [Fact]
    public void A_queue_that_went_idle_leaves_others_their_share()
    {
        var memory = new CopyMemory(16 * Longest);
        using TagBuffers idle = new(memory, 64, Longest), busy = new(memory, 64, Longest);
        for (int tag = 0; tag < 64; tag++)
            Touch(idle, tag, idle.RoomToRead(tag, Longest));

        Assert.InRange(memory.RoomBytes, 7 * Longest - (64 * TagBuffers.PieceBytes), 9 * Longest);
        for (int tag = 0; tag < 2; tag++)
            Assert.Equal(Longest, busy.RoomToRead(tag, Longest));
    }

    [Fact]
    public void A_queue_that_goes_leaves_nothing_in_the_count()
    {
        var memory = new CopyMemory(1 << 30);
        using (var buffers = new TagBuffers(memory, 16, Longest))
        {
            for (int tag = 0; tag < 16; tag++)
                Use(buffers, tag, Longest);
        }

        Assert.Equal(0, memory.KeptBytes);
    }

    /// <summary>What a write does: the driver fills the buffer, and the request ends.</summary>
    static void Use(TagBuffers buffers, int tag, int bytes)
    {
        buffers.Filled(tag, bytes);
        Touch(buffers, tag, bytes);
        buffers.Written(tag);
    }

    static void Touch(TagBuffers buffers, int tag, int bytes) => new Span<byte>((void*)buffers[tag], bytes).Fill(1);

    static int Resident(TagBuffers buffers, int tag)
    {
        byte[] pages = new byte[Longest / Page];
        fixed (byte* into = pages)
            Assert.Equal(0, Libc.mincore((void*)buffers[tag], Longest, into));
        return pages.Count(page => (page & 1) != 0) * Page;
    }
}
