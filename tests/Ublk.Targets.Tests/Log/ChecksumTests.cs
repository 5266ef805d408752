using System.Text;
using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Targets.Tests.Log;

public class ChecksumTests
{
    /// <summary>The check value of CRC-32C.</summary>
    [Fact]
    public void It_is_the_castagnoli_sum() => Assert.Equal(0xE3069283, Checksum.Of(Encoding.ASCII.GetBytes("123456789")));

    [Fact]
    public void Every_bit_counts()
    {
        byte[] block = new byte[4088];
        new Random(1).NextBytes(block);
        uint sum = Checksum.Of(block);
        for (int bit = 0; bit < block.Length * 8; bit++)
        {
            block[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(sum, Checksum.Of(block));
            block[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
