using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ublk.Targets.Mirror;

/// <summary>A bit for each region, in words of 64: bit i of a little-endian bitmap of bytes is bit i of these.</summary>
static class RegionBits
{
    public static int WordsFor(ulong regionCount) => (int)((regionCount + 63) / 64);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSet(ReadOnlySpan<ulong> words, ulong region) => (words[(int)(region >> 6)] >> (int)(region & 63) & 1) != 0;

    public static void Set(Span<ulong> words, ulong region) => words[(int)(region >> 6)] |= 1UL << (int)(region & 63);

    public static void Clear(Span<ulong> words, ulong region) => words[(int)(region >> 6)] &= ~(1UL << (int)(region & 63));

    /// <summary>The bit becomes 1 or 0; false: it was.</summary>
    public static bool Put(Span<ulong> words, ulong region, bool value)
    {
        if (IsSet(words, region) == value)
            return false;
        if (value)
            Set(words, region);
        else
            Clear(words, region);
        return true;
    }

    /// <summary>Bits [from, to) become 1 or 0.</summary>
    public static void Fill(Span<ulong> words, ulong from, ulong to, bool value)
    {
        for (ulong region = from; region < to; region++)
            Put(words, region, value);
    }

    public static ulong Count(ReadOnlySpan<ulong> words)
    {
        ulong count = 0;
        foreach (ulong word in words)
            count += (ulong)BitOperations.PopCount(word);
        return count;
    }

    /// <summary>The first bit from <paramref name="from"/> on that is 0, or <paramref name="count"/>.</summary>
    public static ulong NextZero(ReadOnlySpan<ulong> words, ulong from, ulong count)
    {
        while (from < count)
        {
            ulong zeroes = ~words[(int)(from >> 6)] >> (int)(from & 63);
            if (zeroes != 0)
                return Math.Min(from + (ulong)BitOperations.TrailingZeroCount(zeroes), count);
            from = (from | 63) + 1;
        }
        return count;
    }
}
