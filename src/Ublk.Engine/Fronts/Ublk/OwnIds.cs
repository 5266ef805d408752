using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>The ids of our ublk devices, from ADD_DEV on: a node can be seen before it has been started to the end. Any thread.</summary>
sealed class OwnIds
{
    const string Prefix = "ublkb";

    readonly HashSet<uint> _ids = [];

    public void Add(uint id)
    {
        lock (_ids)
            _ids.Add(id);
    }

    public void Remove(uint id)
    {
        lock (_ids)
            _ids.Remove(id);
    }

    /// <summary>Whether a block device is one of them, by its name in sysfs.</summary>
    public bool Has(DeviceNumber number) => BlockPaths.SysFolder(number) is { } folder && HasName(Path.GetFileName(folder));

    internal bool HasName(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !uint.TryParse(name.AsSpan(Prefix.Length), out uint id))
            return false;
        lock (_ids)
            return _ids.Contains(id);
    }
}
