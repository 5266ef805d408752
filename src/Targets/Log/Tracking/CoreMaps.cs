using System.Runtime.CompilerServices;

namespace Ublk.Targets.Log;

/// <summary>[C] Maps without metadata, by the device they are of: a table that is reloaded goes on with the map of the one before.</summary>
sealed class CoreMaps
{
    readonly ConditionalWeakTable<BackingDevice, List<Entry>> _maps = [];

    /// <summary>Takes a map that nobody uses, of the same part of a device; or the new one.</summary>
    public TrackMap Take(TrackTarget user, Extent extent, TrackGeometry geometry, Func<TrackMap> create)
    {
        List<Entry> entries = _maps.GetOrCreateValue(extent.Device);
        lock (entries)
        {
            Entry? known = entries.Find(entry => entry.First == extent.First && entry.Map.Geometry.IsSame(geometry)
                && (entry.User == user || !entry.User.IsRunning));
            if (known is not null)
            {
                known.User = user;
                return known.Map;
            }
            TrackMap map = create();
            entries.Add(new Entry(extent.First, map) { User = user });
            return map;
        }
    }

    sealed class Entry(ulong first, TrackMap map)
    {
        public ulong First => first;

        public TrackMap Map => map;

        public required TrackTarget User { get; set; }
    }
}
