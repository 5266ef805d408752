namespace Ublk.Targets.Log;

/// <summary>Entries in order. [W] Each is in one list at most.</summary>
struct PendingList
{
    PendingEntry? _last;

    public PendingEntry? First { readonly get; private set; }

    public int Count { readonly get; private set; }

    public void Add(PendingEntry entry)
    {
        entry.Next = null;
        if (First is null)
            First = entry;
        else
            _last!.Next = entry;
        _last = entry;
        Count++;
    }

    public PendingEntry RemoveFirst()
    {
        PendingEntry entry = First!;
        First = entry.Next;
        entry.Next = null;
        Count--;
        return entry;
    }
}
