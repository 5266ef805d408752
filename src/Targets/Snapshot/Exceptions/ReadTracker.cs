using System.Runtime.InteropServices;

namespace Ublk.Targets.Snapshot;

/// <summary>
/// Snapshot reads that are in flight on the origin. [W] A write to the origin must not overtake them: they were promised what is
/// there now. Once a chunk has an exception no new reader comes, so waiting for the ones that are there ends.
/// </summary>
sealed class ReadTracker
{
    readonly Dictionary<ulong, int> _readers = [];
    readonly IoEvent _left = new();

    public void Enter(ulong chunk) => CollectionsMarshal.GetValueRefOrAddDefault(_readers, chunk, out _)++;

    public void Leave(ulong chunk)
    {
        if (--CollectionsMarshal.GetValueRefOrNullRef(_readers, chunk) > 0)
            return;
        _readers.Remove(chunk);
        if (!_left.IsSet)
            _left.Set();
    }

    /// <summary>Somebody reads the chunk from the origin.</summary>
    public bool Reads(ulong chunk) => _readers.ContainsKey(chunk);

    /// <summary>Done when nobody reads the chunk from the origin.</summary>
    public async IoTask<Errno> Drained(ulong chunk)
    {
        while (Reads(chunk))
        {
            _left.Reset();
            await _left;
        }
        return Errno.None;
    }
}
