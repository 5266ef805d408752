namespace Ublk.Targets.Basic;

sealed class FlakeyShard(TargetIo io, Extent extent, FlakeyClock clock, FlakeyFeatures features) : TargetShard
{
    long _loadedNs;
    ulong _random;

    /// <summary>Randomness starts from the clock, which the simulator owns: the same seed gives the same corruption.</summary>
    public override void Start()
    {
        _loadedNs = io.NowNs - clock.AgeNs;
        _random = (ulong)io.NowNs | 1;
    }

    public override MapResult Map(BlockRequest request)
    {
        if (!clock.IsDown(io.NowNs - _loadedNs))
            return Pass(request);
        if (request.Op == BlockOp.Read)
            return features.ErrorReads ? Errno.IO : features.CorruptsReads ? CorruptedRead(request) : Pass(request);
        if (features.DropWrites)
            return Errno.None;
        if (features.ErrorWrites)
            return Errno.IO;
        return features.CorruptsWrites && request.Op == BlockOp.Write ? CorruptedWrite(request) : Pass(request);
    }

    MapResult Pass(BlockRequest request) => request.Remap(extent.Device, extent.First + request.Sector);

    async IoTask<Errno> CorruptedRead(BlockRequest request)
    {
        Errno error = await io.Forward(request, extent.Device, extent.First + request.Sector);
        if (error == Errno.None)
            Corrupt(request, request.Data.Fill, features.RandomReadCorrupt);
        return error;
    }

    /// <summary>A write's bytes belong to whoever wrote them: the damage is done to a copy.</summary>
    async IoTask<Errno> CorruptedWrite(BlockRequest request)
    {
        using IoBuffer copy = await io.Rent(request.Data.Count);
        request.Data.Bytes.CopyTo(copy.Data.Fill);
        Corrupt(request, copy.Data.Fill, features.RandomWriteCorrupt);
        return await io.Write(extent.Device, extent.First + request.Sector, copy.Data, request.Flags);
    }

    void Corrupt(BlockRequest request, Span<byte> data, uint probability)
    {
        if (features.Corrupt is { } corrupt && corrupt.OfWrites == (request.Op == BlockOp.Write))
            corrupt.Apply(request, data);
        if (Random() % FlakeyFeatures.Certain < probability)
            data[(int)(Random() % (uint)data.Length)] = (byte)Random();
    }

    /// <summary>xorshift64*: the high half of a product, because its low bits are weak.</summary>
    uint Random()
    {
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        return (uint)(_random * 0x2545F4914F6CDD1D >> 32);
    }
}
