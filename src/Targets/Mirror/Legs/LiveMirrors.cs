namespace Ublk.Targets.Mirror;

/// <summary>
/// The mirrors of live tables, each from its take-over until it is disposed: a table that says adopt looks here for the one that it is
/// swapped for. One that was only prepared, or is of another ublk-dm device, knows nothing of what that one has done since. [C] Any thread.
/// </summary>
sealed class LiveMirrors
{
    readonly Lock _lock = new();
    readonly List<MirrorTarget> _mirrors = [];

    public void Add(MirrorTarget mirror)
    {
        lock (_lock)
        {
            _mirrors.Remove(mirror);
            _mirrors.Add(mirror);
        }
    }

    public void Remove(MirrorTarget mirror)
    {
        lock (_lock)
            _mirrors.Remove(mirror);
    }

    /// <summary>The last one of the same device that has a leg in common with a mirror; null: there is none.</summary>
    public MirrorTarget? Find(MirrorTarget successor)
    {
        lock (_lock)
            return _mirrors.FindLast(mirror => mirror != successor && mirror.IsOfDeviceOf(successor) && mirror.SharesLegWith(successor));
    }
}
