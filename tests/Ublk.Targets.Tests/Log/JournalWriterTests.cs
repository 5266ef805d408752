using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Targets.Tests.Log;

public class JournalWriterTests
{
    [Fact]
    public void A_block_with_a_flipped_bit_or_out_of_place_has_no_records()
    {
        using var writer = new JournalWriter(1);
        writer.Begin(generation: 3, index: 7);
        JournalText.PutReader(writer, new TrackReader("r", 1, 2));
        JournalText.PutClose(writer, 5);
        writer.Seal();
        byte[] block = writer.Bytes.ToArray();
        Assert.Equal(4 + 17 + 4 + 8, JournalWriter.Records(block, 3, 7)!.Value.Length);
        Assert.Null(JournalWriter.Records(block, 3, 6));
        Assert.Null(JournalWriter.Records(block, 4, 7));
        for (int bit = 0; bit < block.Length * 8; bit++)
        {
            block[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(JournalWriter.Records(block, 3, 7));
            block[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
