namespace Ublk.Targets.Log;

/// <summary>A map without metadata, and who uses it, or did last. Any thread.</summary>
sealed class CoreMap(ulong first, TrackMap map)
{
    TrackTarget? _user;

    /// <summary>First sector of the tracked part.</summary>
    public ulong First => first;

    public TrackMap Map => map;

    public TrackTarget User
    {
        get => Volatile.Read(ref _user)!;
        set => Volatile.Write(ref _user, value);
    }
}
