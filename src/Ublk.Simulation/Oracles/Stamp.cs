using System.Runtime.InteropServices;

namespace Ublk.Simulation;

/// <summary>What fills a sector: one number, again and again, that no other write has.</summary>
public static class Stamp
{
    /// <summary>Zeroes.</summary>
    public const ulong Zero = 0;

    /// <summary>Anything at all: a sector that was discarded.</summary>
    public const ulong Any = ulong.MaxValue;

    /// <summary>Stands for a sector that no single stamp fills.</summary>
    public const ulong Torn = ulong.MaxValue - 1;

    /// <summary>Fills a sector.</summary>
    public static void Fill(Span<byte> sector, ulong stamp) => MemoryMarshal.Cast<byte, ulong>(sector).Fill(stamp);

    /// <summary>The stamp that fills a sector, or <see cref="Torn"/>.</summary>
    public static ulong Of(ReadOnlySpan<byte> sector)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(sector);
        return words.ContainsAnyExcept(words[0]) ? Torn : words[0];
    }

    /// <summary>A disk image in which every sector has a stamp of its own.</summary>
    public static byte[] Image(ulong sectorCount, ulong first)
    {
        byte[] image = new byte[sectorCount << Sectors.Shift];
        for (int i = 0; i < (int)sectorCount; i++)
            Fill(image.AsSpan(i << Sectors.Shift, Sectors.Bytes), first + (ulong)i);
        return image;
    }
}
