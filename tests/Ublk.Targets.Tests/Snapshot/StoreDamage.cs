using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;

namespace Ublk.Targets.Tests.Snapshot;

enum DamageKind
{
    FlipsBitOfHeader,
    FlipsBitOfEntry,
    SetsEntry,
    RepeatsOriginChunk,
    RepeatsStoreChunk,
    LeavesEntryBehindEnd,
    CutsEnd,
    SetsChunkSize,
}

/// <summary>One thing that is wrong with a store.</summary>
/// <param name="Kind">What.</param>
/// <param name="Place">Which entry, bit or sector, in some way.</param>
/// <param name="Value">The new value, in some way.</param>
sealed record StoreDamage(DamageKind Kind, int Place, int Value)
{
    public static Gen<StoreDamage> Any { get; } =
        from kind in Gen.Elements(Enum.GetValues<DamageKind>())
        from place in Gen.Choose(0, int.MaxValue)
        from value in Gen.Choose(0, int.MaxValue)
        select new StoreDamage(kind, place, value);

    public byte[] Apply(StoreCase of, byte[] store)
    {
        int entry = Place % Math.Max(1, of.EntryCount);
        switch (Kind)
        {
            case DamageKind.FlipsBitOfHeader:
                FlipBit(store, Place % 128);
                break;
            case DamageKind.FlipsBitOfEntry when of.EntryAt(store, entry) is >= 0 and var at:
                FlipBit(store, at * 8 + Value % 128);
                break;
            case DamageKind.SetsEntry:
                of.WriteEntry(store, entry, (ulong)(Value % (StoreCase.OriginSectors + 2)), (ulong)(Value >> 13) % 160);
                break;
            case DamageKind.RepeatsOriginChunk when of.EntryCount > 0:
                Copy(of, store, Value % of.EntryCount, entry, 0);
                break;
            case DamageKind.RepeatsStoreChunk when of.EntryCount > 0:
                Copy(of, store, Value % of.EntryCount, entry, 8);
                break;
            case DamageKind.LeavesEntryBehindEnd:
                of.WriteEntry(store, of.EntryCount + 1 + Place % 20, (ulong)(Value % 100), 2 + (ulong)(Value % 50));
                break;
            case DamageKind.CutsEnd:
                return store[..(Place % (store.Length / 512 + 1) * 512)];
            case DamageKind.SetsChunkSize when store.Length > 0:
                BinaryPrimitives.WriteUInt32LittleEndian(store.AsSpan(12), Place % 2 == 0 ? (uint)Value : 1u << Value % 32);
                break;
        }
        return store;
    }

    public override string ToString() => $"{Kind} {Place} {Value}";

    static void FlipBit(byte[] store, int bit)
    {
        if (bit / 8 < store.Length)
            store[bit / 8] ^= (byte)(1 << bit % 8);
    }

    static void Copy(StoreCase of, byte[] store, int from, int to, int offset)
    {
        (int fromAt, int toAt) = (of.EntryAt(store, from), of.EntryAt(store, to));
        if (fromAt >= 0 && toAt >= 0)
            store.AsSpan(fromAt + offset, 8).CopyTo(store.AsSpan(toAt + offset));
    }
}
