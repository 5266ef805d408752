using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ublk.Targets.Snapshot;

/// <summary>
/// A hash map of runs, at most one for each group of 2^<paramref name="groupShift"/> origin chunks. [W] Open addressing with linear
/// probing in many small segments, so that growing copies one segment (44 KB at ten million runs, about 20 µs) and never the
/// whole. A segment grows by an eighth when seven tenths are taken: 17 to 19 bytes a run.
/// <para>
/// The segments are not the collector's: it would copy them and stop the workers for it. And address and length stand side by side,
/// so that a lookup goes to memory once; the length in an array's own header is a second miss in front of the first.
/// </para>
/// </summary>
sealed unsafe class ChunkRunMap(int groupShift) : IEnumerable<ChunkRun>, IDisposable
{
    /// <summary>How many segments there are.</summary>
    public const int SegmentCount = 1 << SegmentBits;

    const int SegmentBits = 12;
    const int SmallestSegment = 8;

    readonly Segment[] _segments = new Segment[SegmentCount];

    ~ChunkRunMap() => Free();

    /// <summary>Bytes of the segments, for tests and for people.</summary>
    public long Bytes => _segments.Sum(segment => (long)segment.Length * sizeof(ChunkRun));

    /// <summary>The segment of a group.</summary>
    public static int SegmentOf(ulong group) => (int)(Hash(group) >> (64 - SegmentBits));

    /// <summary>The run of the chunk's group, or a null reference. The reference is good until the next change.</summary>
    public ref ChunkRun Find(ulong chunk)
    {
        ulong group = chunk >> groupShift;
        ulong hash = Hash(group);
        ref Segment segment = ref At(hash);
        if (segment.Length != 0)
        {
            for (int i = segment.Home(hash); !segment.Slots[i].IsEmpty; i = segment.After(i))
            {
                if (segment.Slots[i].Old >> groupShift == group)
                    return ref segment.Slots[i];
            }
        }
        return ref Unsafe.NullRef<ChunkRun>();
    }

    /// <summary>Adds the run of a group that has none.</summary>
    public void Add(ChunkRun run)
    {
        ulong hash = Hash(run.Old >> groupShift);
        ref Segment segment = ref At(hash);
        if (segment.Count >= segment.Length * 7L / 10)
            Grow(ref segment);
        segment.Place(run, hash);
    }

    /// <summary>Removes the run of the chunk's group, which is there.</summary>
    public void Remove(ulong chunk)
    {
        ulong group = chunk >> groupShift;
        ref Segment segment = ref At(Hash(group));
        int hole = segment.Home(Hash(group));
        while (segment.Slots[hole].Old >> groupShift != group)
            hole = segment.After(hole);

        // Whatever was pushed past the hole moves up, so no marker is left and lookups stay short.
        for (int i = segment.After(hole); !segment.Slots[i].IsEmpty; i = segment.After(i))
        {
            int home = segment.Home(Hash(segment.Slots[i].Old >> groupShift));
            bool isReachedWithoutTheHole = hole < i ? hole < home && home <= i : hole < home || home <= i;
            if (isReachedWithoutTheHole)
                continue;
            segment.Slots[hole] = segment.Slots[i];
            hole = i;
        }
        segment.Slots[hole] = default;
        segment.Count--;
    }

    /// <summary>All runs, in no order.</summary>
    public IEnumerator<ChunkRun> GetEnumerator()
    {
        for (int segment = 0; segment < _segments.Length; segment++)
        {
            for (int i = 0; i < _segments[segment].Length; i++)
            {
                if (RunAt(segment, i) is { IsEmpty: false } run)
                    yield return run;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    static ulong Hash(ulong group)
    {
        ulong hash = group * 0x9E3779B97F4A7C15;
        return (hash ^ hash >> 32) * 0xD6E8FEB86659FD93;
    }

    ChunkRun RunAt(int segment, int slot) => _segments[segment].Slots[slot];

    ref Segment At(ulong hash) => ref _segments[hash >> (64 - SegmentBits)];

    [MethodImpl(MethodImplOptions.NoInlining)]
    void Grow(ref Segment segment)
    {
        var larger = new Segment { Length = Math.Max(SmallestSegment, segment.Length + Math.Max(2, segment.Length / 8)) };
        larger.Slots = (ChunkRun*)NativeMemory.AllocZeroed((nuint)larger.Length, (nuint)sizeof(ChunkRun));
        for (int i = 0; i < segment.Length; i++)
        {
            ChunkRun run = segment.Slots[i];
            if (!run.IsEmpty)
                larger.Place(run, Hash(run.Old >> groupShift));
        }
        NativeMemory.Free(segment.Slots);
        segment = larger;
    }

    void Free()
    {
        foreach (ref Segment segment in _segments.AsSpan())
        {
            NativeMemory.Free(segment.Slots);
            segment = default;
        }
    }

    struct Segment
    {
        public ChunkRun* Slots;
        public int Length;
        public int Count;

        /// <summary>The hash bits below those that choose the segment, scaled to its length.</summary>
        public readonly int Home(ulong hash) => (int)((hash << SegmentBits >> 32) * (uint)Length >> 32);

        public readonly int After(int i) => i + 1 == Length ? 0 : i + 1;

        public void Place(ChunkRun run, ulong hash)
        {
            int i = Home(hash);
            while (!Slots[i].IsEmpty)
                i = After(i);
            Slots[i] = run;
            Count++;
        }
    }
}
