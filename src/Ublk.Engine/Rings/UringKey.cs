namespace Ublk.Engine;

/// <summary>
/// What a completion's user_data says: kind (8 bits), generation (24), index (32). The generation of a slot goes up when it is freed,
/// so a completion that comes late for an earlier life of the slot is recognised, counted and dropped.
/// </summary>
static class UringKey
{
    public const ulong Backing = 1;
    public const ulong Sink = 2;
    public const ulong Wake = 3;

    const int KindShift = 56;
    const int GenerationShift = 32;

    public const uint GenerationMask = 0xFFFFFF;

    public static ulong Make(ulong kind, uint generation, uint index) => (kind << KindShift) | ((ulong)(generation & GenerationMask) << GenerationShift) | index;

    public static ulong Kind(ulong key) => key >> KindShift;

    public static uint Generation(ulong key) => (uint)(key >> GenerationShift) & GenerationMask;

    public static uint Index(ulong key) => (uint)key;
}
