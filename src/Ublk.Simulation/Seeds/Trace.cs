namespace Ublk.Simulation;

/// <summary>What happened in a run: always as a hash, so that two runs of one seed can be compared, and when asked in words.</summary>
public sealed class Trace(bool keepsWords)
{
    const int KeptLines = 400;

    readonly Queue<string> _lines = new();

    /// <summary>The hash so far.</summary>
    public ulong Hash { get; private set; } = Fnv.Basis;

    /// <summary>The last lines, oldest first; empty unless words are kept.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Notes an event.</summary>
    public void Note(string what, string? who = null, ulong a = 0, ulong b = 0, ulong c = 0)
    {
        Hash = Fnv.Fold(Hash, what);
        if (who is not null)
            Hash = Fnv.Fold(Hash, who);
        Hash = Fnv.Fold(Fnv.Fold(Fnv.Fold(Hash, a), b), c);
        if (!keepsWords)
            return;
        if (_lines.Count == KeptLines)
            _lines.Dequeue();
        _lines.Enqueue($"{what} {who} {a} {b} {c}");
    }

    /// <summary>Notes bytes: what a read gave.</summary>
    public void Note(ReadOnlySpan<byte> bytes) => Hash = Fnv.Fold(Hash, bytes);
}
