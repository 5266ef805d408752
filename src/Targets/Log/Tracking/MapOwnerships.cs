using System.Runtime.CompilerServices;

namespace Ublk.Targets.Log;

/// <summary>[C] The ownership of every map, by the device that it is on, or without metadata by the part of a device that it is of. Any thread.</summary>
sealed class MapOwnerships
{
    readonly ConditionalWeakTable<BackingDevice, MapOwnership> _onDisk = [];
    readonly ConditionalWeakTable<BackingDevice, List<(ulong First, TrackGeometry Geometry, MapOwnership Ownership)>> _inMemory = [];
    readonly HashSet<string> _lost = new(StringComparer.Ordinal);

    public MapOwnership Of(Extent extent, TrackGeometry geometry, BackingDevice? metadata) =>
        metadata is null ? InMemory(extent, geometry) : _onDisk.GetValue(metadata, device => new MapOwnership(device.Turn, _lost, device.Word));

    MapOwnership InMemory(Extent extent, TrackGeometry geometry)
    {
        List<(ulong First, TrackGeometry Geometry, MapOwnership Ownership)> maps = _inMemory.GetOrCreateValue(extent.Device);
        lock (maps)
        {
            foreach ((ulong first, TrackGeometry known, MapOwnership ownership) in maps)
            {
                if (first == extent.First && known.IsSame(geometry))
                    return ownership;
            }
            var added = new MapOwnership(new DeviceTurn(), [], "");
            maps.Add((extent.First, geometry, added));
            return added;
        }
    }
}
