using System.Runtime.InteropServices;

namespace Ublk.Simulation;

/// <summary>A hash that is the same in every process (FNV-1a, by words).</summary>
static class Fnv
{
    public const ulong Basis = 0xCBF29CE484222325;

    const ulong Prime = 0x100000001B3;

    public static ulong Fold(ulong hash, ulong value) => (hash ^ value) * Prime;

    public static ulong Fold(ulong hash, string text)
    {
        foreach (char c in text)
            hash = Fold(hash, c);
        return hash;
    }

    public static ulong Fold(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            hash = Fold(hash, word);
        return hash;
    }
}
