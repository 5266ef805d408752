using Xunit;

namespace Ublk.Engine.Tests;

public sealed class BufferTableTests
{
    [Fact]
    public void A_run_belongs_to_its_front_until_it_is_removed()
    {
        var table = new BufferTable();
        NoFront a = new(), b = new();
        int first = table.Add(a, 128, registered: true), second = table.Add(b, 8, registered: true);

        Assert.Equal((0, 128), (first, second));
        Assert.Equal((a, 127), table[127]);
        Assert.Equal((b, 0), table[128]);

        table.Remove(first, 128);
        Assert.Equal(136, table.Add(a, 129, registered: true));     // the gap is one too short
        Assert.Equal(0, table.Add(a, 128, registered: true));
    }

    [Fact]
    public void The_ring_s_table_has_an_end_and_what_needs_no_place_in_it_goes_behind()
    {
        var table = new BufferTable();
        var front = new NoFront();
        Assert.Equal(0, table.Add(front, BufferTable.Registered - 1, registered: true));

        Assert.True(table.HasRoom(1));
        Assert.False(table.HasRoom(2));
        Assert.Equal(-1, table.Add(front, 2, registered: true));
        Assert.Equal(BufferTable.Registered, table.Add(front, 4096, registered: false));
        Assert.Equal(BufferTable.Registered + 4096, table.Add(front, 70_000, registered: false));
        Assert.Equal((front, 69_999), table[BufferTable.Registered + 4096 + 69_999]);
        Assert.Equal(BufferTable.Registered - 1, table.Add(front, 1, registered: true));
    }

    sealed class NoFront : Front
    {
        public override void Complete(Request request, Errno result)
        {
        }
    }
}
