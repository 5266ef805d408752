namespace Ublk.Samples.Xor;

sealed class XorShard(TargetIo io, BackingDevice device, ulong first, byte key) : TargetShard
{
    public override MapResult Map(BlockRequest request) => request.Op switch
    {
        BlockOp.Read => Read(request),
        BlockOp.Write => Write(request),
        _ => request.Remap(device, first + request.Sector),     // no bytes to change: hand it on and forget it
    };

    async IoTask<Errno> Read(BlockRequest request)
    {
        Errno error = await io.Forward(request, device, first + request.Sector);
        if (error == Errno.None)
            Xor(request.Data.Fill, request.Data.Fill);
        return error;
    }

    async IoTask<Errno> Write(BlockRequest request)
    {
        using IoBuffer copy = await io.Rent(request.Data.Count);     // a write's bytes are read-only
        Xor(request.Data.Bytes, copy.Data.Fill);
        return await io.Write(device, first + request.Sector, copy.Data, request.Flags);
    }

    void Xor(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = (byte)(from[i] ^ key);
    }
}
