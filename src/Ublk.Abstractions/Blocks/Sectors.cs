namespace Ublk;

/// <summary>A sector is always 512 bytes, whatever the device's logical block is.</summary>
public static class Sectors
{
    /// <summary>Bytes in a sector.</summary>
    public const int Bytes = 512;

    /// <summary>log2 of <see cref="Bytes"/>.</summary>
    public const int Shift = 9;
}
