namespace Ublk.Engine.Tests;

static class Patterns
{
    /// <summary>Bytes that differ from sector to sector, from seed to seed, and are never zero.</summary>
    public static byte[] Of(int sectorCount, int seed)
    {
        byte[] bytes = new byte[sectorCount * Sectors.Bytes];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(1 + (((i * 31) + ((i >> Sectors.Shift) * 7) + seed) % 255));
        return bytes;
    }
}
