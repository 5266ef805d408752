using System.Runtime.CompilerServices;

namespace Ublk.Targets.Log;

/// <summary>
/// [C] Maps without metadata, by the device they are of: a table that is reloaded goes on with the map of the one before. A map whose last user is gone
/// is forgotten: nobody watched since.
/// </summary>
sealed class CoreMaps
{
    readonly ConditionalWeakTable<BackingDevice, List<CoreMap>> _maps = [];

    /// <summary>Takes a map that nobody uses, of the same part of a device; or the new one.</summary>
    public CoreMap Take(TrackTarget user, Extent extent, TrackGeometry geometry, Func<TrackMap> create)
    {
        List<CoreMap> maps = _maps.GetOrCreateValue(extent.Device);
        lock (maps)
        {
            CoreMap? known = maps.Find(one => one.First == extent.First && one.Map.Geometry.IsSame(geometry) && (one.User == user || !one.User.IsRunning));
            if (known is null)
                maps.Add(known = new CoreMap(extent.First, create()));
            known.User = user;
            return known;
        }
    }

    /// <summary>The last one who used it is gone.</summary>
    public void Forget(TrackTarget user, BackingDevice device)
    {
        if (!_maps.TryGetValue(device, out List<CoreMap>? maps))
            return;
        lock (maps)
            maps.RemoveAll(one => one.User == user);
    }
}
