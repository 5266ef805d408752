using System.Globalization;

namespace Ublk.Engine;

/// <summary><c>mem:SIZE</c> in a table: memory as a device. <c>mem:SIZE#NAME</c> is another one of that size.</summary>
static class MemoryWord
{
    const string Prefix = "mem:";

    public static bool Is(ReadOnlySpan<char> word) => word.StartsWith(Prefix);

    /// <summary>Its size in bytes.</summary>
    /// <exception cref="BackingException">It is no size.</exception>
    public static ulong Bytes(string word)
    {
        string size = word[Prefix.Length..].Split('#')[0];
        ulong unit = size.Length == 0 ? 1 : Unit(size[^1]);
        if (!ulong.TryParse(unit == 1 ? size : size[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) || number == 0)
            throw new BackingException($"'{size}' is no size of memory; write mem:64M, or k, g, t for KiB, GiB, TiB and s for sectors");
        if (number > long.MaxValue / unit || number * unit % (ulong)Environment.SystemPageSize != 0)
            throw new BackingException($"memory is taken in whole pages of {Environment.SystemPageSize} bytes, which {size} is not; write mem:64M");
        return number * unit;
    }

    static ulong Unit(char suffix) => char.ToLowerInvariant(suffix) switch
    {
        's' => Sectors.Bytes,
        'k' => 1UL << 10,
        'm' => 1UL << 20,
        'g' => 1UL << 30,
        't' => 1UL << 40,
        _ => 1,
    };
}
