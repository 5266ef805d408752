using Xunit;

namespace Ublk.Interop.Tests;

public sealed class UblkTests
{
    [Theory]
    [InlineData(1, 4096, 4096)]
    [InlineData(170, 4096, 4096)]
    [InlineData(171, 4096, 8192)]
    [InlineData(4096, 4096, 98304)]
    [InlineData(128, 65536, 65536)]
    public void A_queues_descriptors_fill_whole_pages(uint depth, uint pageSize, ulong bytes) =>
        Assert.Equal((nuint)bytes, UblkMmap.DescriptorBytes(depth, pageSize));

    [Theory]
    [InlineData(0, 4096, 0)]
    [InlineData(1, 4096, 98304)]
    [InlineData(3, 4096, 294912)]
    [InlineData(1, 65536, 131072)]
    [InlineData(4095, 4096, 402554880)]
    public void Queues_are_mapped_as_far_apart_as_the_deepest_is_long(uint queue, uint pageSize, long offset) =>
        Assert.Equal(offset, UblkMmap.DescriptorOffset(queue, pageSize));

    [Theory]
    [InlineData(0, 0, 0, 0x80000000)]
    [InlineData(0, 0, 4096, 0x80001000)]
    [InlineData(0, 1, 0, 0x82000000)]
    [InlineData(1, 0, 0, 0x20080000000)]
    [InlineData(4095, 4095, 0x1FFFFFF, 0x1ffe207fffffff)]
    public void User_copy_addresses_queue_tag_and_byte(uint queue, uint tag, uint byteOffset, long offset) =>
        Assert.Equal(offset, UblkMmap.UserCopyOffset(queue, tag, byteOffset));

    [Fact]
    public void A_descriptor_gives_operation_and_flags_apart()
    {
        UblksrvIoDesc desc = new() { OpFlags = (uint)UblkOp.WRITE_ZEROES | (uint)(UblkIoFlags.NOUNMAP | UblkIoFlags.FUA) };

        Assert.Equal(UblkOp.WRITE_ZEROES, desc.Op);
        Assert.Equal(UblkIoFlags.NOUNMAP | UblkIoFlags.FUA, desc.Flags);
    }

    [Fact]
    public void The_legacy_number_is_inside_the_encoded_command()
    {
        Assert.Equal(UblkCtrl.UBLK_CMD_ADD_DEV, UblkCtrl.Legacy(UblkCtrl.UBLK_U_CMD_ADD_DEV));
        Assert.Equal(UblkIo.UBLK_IO_COMMIT_AND_FETCH_REQ, UblkCtrl.Legacy(UblkIo.UBLK_U_IO_COMMIT_AND_FETCH_REQ));
    }

    [Fact]
    public void An_automatic_buffer_is_index_and_flags_in_one_word()
    {
        Assert.Equal(0x0000_1234UL, UblkIo.AutoBufReg(0x1234, fallback: false));
        Assert.Equal(0x0001_1234UL, UblkIo.AutoBufReg(0x1234, fallback: true));
    }
}
