namespace Ublk.Benchmarks;

/// <summary>Distinct chunk numbers below 2^<paramref name="bits"/> in an order without a pattern: each step of it can be undone, so none comes twice.</summary>
readonly struct RandomChunks(int bits)
{
    readonly ulong _mask = (1UL << bits) - 1;

    /// <summary>The chunk at a place in the order.</summary>
    public ulong this[ulong index]
    {
        get
        {
            for (int round = 0; round < 3; round++)
            {
                index = index * 0x9E3779B97F4A7C15 & _mask;
                index ^= index >> bits / 2;
            }
            return index;
        }
    }
}
