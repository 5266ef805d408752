namespace Ublk.Targets.Snapshot;

/// <summary>
/// [C] Exceptions on their way into an <see cref="ExceptionTable"/>, many at a time and sorted by where in it they go: a large table is then
/// gone through in order, instead of waiting for memory with each of them. Those of one chunk stay in their order.
/// </summary>
/// <param name="capacity">How many at a time, at 32 bytes each.</param>
sealed class ExceptionBatch(int capacity)
{
    /// <summary>More than this gains nothing: each part of a table of millions already gets a hundred at a time.</summary>
    public const int MostCapacity = 1 << 19;

    readonly (ulong OldChunk, ulong NewChunk)[] _added = new (ulong, ulong)[capacity];
    readonly (ulong OldChunk, ulong NewChunk)[] _sorted = new (ulong, ulong)[capacity];
    int _count;

    public bool IsFull => _count == _added.Length;

    public void Add(ulong oldChunk, ulong newChunk) => _added[_count++] = (oldChunk, newChunk);

    /// <summary>Takes out all that were added, sorted; good until the next time.</summary>
    public ReadOnlySpan<(ulong OldChunk, ulong NewChunk)> Take()
    {
        ReadOnlySpan<(ulong OldChunk, ulong NewChunk)> added = _added.AsSpan(0, _count);
        Span<int> starts = stackalloc int[ExceptionTable.PartCount + 1];
        starts.Clear();
        foreach ((ulong oldChunk, _) in added)
            starts[ExceptionTable.PartOf(oldChunk) + 1]++;
        for (int i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        foreach ((ulong OldChunk, ulong NewChunk) one in added)
            _sorted[starts[ExceptionTable.PartOf(one.OldChunk)]++] = one;
        _count = 0;
        return _sorted.AsSpan(0, added.Length);
    }
}
