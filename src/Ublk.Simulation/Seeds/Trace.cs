namespace Ublk.Simulation;

/// <summary>What happened in a run: always as a hash, so that two runs of one seed can be compared, and when asked in words.</summary>
public sealed class Trace(bool keepsWords)
{
    const ulong FnvPrime = 0x100000001B3;
    const int KeptLines = 400;

    readonly Queue<string> _lines = new();

    /// <summary>The hash so far.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>The last lines, oldest first; empty unless words are kept.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Notes an event.</summary>
    public void Note(string what, string? who = null, ulong a = 0, ulong b = 0, ulong c = 0)
    {
        Fold(what);
        if (who is not null)
            Fold(who);
        Fold(a);
        Fold(b);
        Fold(c);
        if (!keepsWords)
            return;
        if (_lines.Count == KeptLines)
            _lines.Dequeue();
        _lines.Enqueue($"{what} {who} {a} {b} {c}");
    }

    /// <summary>Notes bytes: what a read gave.</summary>
    public void Note(ReadOnlySpan<byte> bytes)
    {
        foreach (ulong word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes))
            Fold(word);
    }

    void Fold(string text)
    {
        foreach (char c in text)
            Fold(c);
    }

    void Fold(ulong value) => Hash = (Hash ^ value) * FnvPrime;
}
