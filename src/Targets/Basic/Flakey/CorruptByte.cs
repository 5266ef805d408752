namespace Ublk.Targets.Basic;

/// <summary>Feature <c>corrupt_bio_byte</c>: one byte of every matching request is replaced while the line is down.</summary>
/// <param name="Index">Which byte of the request, from 0; requests that are shorter pass.</param>
/// <param name="OfWrites">Writes, otherwise reads.</param>
/// <param name="Value">What it becomes.</param>
/// <param name="Mask">The flags mask as it was given.</param>
/// <param name="Flags">The flags a request must carry to match.</param>
sealed record CorruptByte(uint Index, bool OfWrites, byte Value, uint Mask, BlockFlags Flags)
{
    public const string Word = "corrupt_bio_byte";

    // Bits of the kernel's bi_opf (include/linux/blk_types.h). 32 is what its manual calls REQ_META.
    const uint ManualMeta = 1 << 5;
    const uint Meta = 1 << 12;
    const uint Fua = 1 << 17;

    public static CorruptByte Read(TableLine line)
    {
        uint number = (uint)line.Number("byte to corrupt, from 1", 1, uint.MaxValue);
        bool ofWrites = line.Word("direction").ToLowerInvariant() switch
        {
            "w" => true,
            "r" => false,
            _ => throw line.Error("must be r (corrupt reads) or w (corrupt writes)"),
        };
        byte value = (byte)line.Number("value of the corrupted byte", 0, byte.MaxValue);
        uint mask = (uint)line.Number("flags mask", 0, uint.MaxValue);
        if ((mask & ~(ManualMeta | Meta | Fua)) != 0)
        {
            throw line.Error($"only the bits {Meta} and {ManualMeta} (metadata) and {Fua} (FUA) can be seen here; "
                + $"no request would match {mask}");
        }
        BlockFlags flags = ((mask & (ManualMeta | Meta)) != 0 ? BlockFlags.Metadata : BlockFlags.None)
            | ((mask & Fua) != 0 ? BlockFlags.Fua : BlockFlags.None);
        return new(number - 1, ofWrites, value, mask, flags);
    }

    public override string ToString() => $"{Index + 1UL} {(OfWrites ? 'w' : 'r')} {Value} {Mask}";

    /// <summary>[W] Replaces the byte if the request matches.</summary>
    public void Apply(BlockRequest request, Span<byte> data)
    {
        if ((request.Flags & Flags) == Flags && Index < (uint)data.Length)
            data[(int)Index] = Value;
    }
}
