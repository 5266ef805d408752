using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>The ids of our ublk devices, from ADD_DEV on: a node can be seen before it has been started to the end. Any thread.</summary>
sealed class OwnIds
{
    const string Prefix = "ublkb";

    /// <summary>How often: the driver gives a deleted one's id to the next before we hear that it is deleted.</summary>
    readonly Dictionary<uint, int> _ids = [];

    public void Add(uint id)
    {
        lock (_ids)
            _ids[id] = _ids.GetValueOrDefault(id) + 1;
    }

    public void Remove(uint id)
    {
        lock (_ids)
        {
            if (--_ids[id] == 0)
                _ids.Remove(id);
        }
    }

    public bool Has(uint id)
    {
        lock (_ids)
            return _ids.ContainsKey(id);
    }

    /// <summary>Whether a block device is one of them, by its name in sysfs.</summary>
    public bool Has(DeviceNumber number) => BlockPaths.SysFolder(number) is { } folder && HasName(Path.GetFileName(folder));

    internal bool HasName(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && uint.TryParse(name.AsSpan(Prefix.Length), out uint id) && Has(id);
}
