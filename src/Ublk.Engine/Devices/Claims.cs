namespace Ublk.Engine;

/// <summary>
/// Who uses which backing device, so that no two of our devices write to one store. [C] any thread. Tables of one device may share:
/// a reload opens what the live table has open.
/// </summary>
sealed class Claims
{
    readonly Dictionary<BackingDevice, List<(MappedDevice Owner, TableDevices Table, Claim Claim, string? Pool)>> _claims = [];

    /// <param name="device">What is claimed.</param>
    /// <param name="owner">For whom.</param>
    /// <param name="table">For which of its tables.</param>
    /// <param name="claim">How.</param>
    /// <param name="pool">The word of the pool that it is a member of; a device is not used by itself, or in another pool, meanwhile.</param>
    /// <exception cref="BackingException">Another device has it, or this very table.</exception>
    public void Add(BackingDevice device, MappedDevice owner, TableDevices table, Claim claim, string? pool)
    {
        lock (_claims)
        {
            if (device is StackedDevice { IsRetired: true })
                throw new BackingException("is being removed");
            if (device is StackedDevice lower && IsBelow(owner.Stack, lower))
                throw new BackingException($"device {lower.Name} stands on {owner.Name} itself; a table cannot use its own device");
            if (!_claims.TryGetValue(device, out var held))
                _claims.Add(device, held = []);
            foreach ((MappedDevice other, TableDevices otherTable, Claim otherClaim, string? otherPool) in held)
            {
                if (pool != otherPool && (claim != Claim.ReadOnly || otherClaim != Claim.ReadOnly))
                    throw new BackingException($"is in use by device {other.Name} {(otherPool is null ? "by itself" : $"as a member of {otherPool}")}; it cannot be both");
                bool mayShare = claim is Claim.ReadOnly or Claim.Shared && otherClaim is Claim.ReadOnly or Claim.Shared;
                bool isHandedOver = claim == Claim.Handover && otherClaim == Claim.Handover;
                if (mayShare || ((isHandedOver || other == owner) && otherTable != table))
                    continue;
                throw new BackingException(other == owner
                    ? "is used twice in this table"
                    : $"is in use by device {other.Name}; two devices cannot share it");
            }
            held.Add((owner, table, claim, pool));
        }
    }

    /// <summary>True when the upper device is the lower one, or uses it by any table, directly or through others. Under the lock.</summary>
    bool IsBelow(StackedDevice lower, StackedDevice upper) =>
        lower == upper || (_claims.TryGetValue(lower, out var held) && held.Exists(one => IsBelow(one.Owner.Stack, upper)));

    public void Remove(BackingDevice device, TableDevices table, Claim claim)
    {
        lock (_claims)
        {
            var held = _claims[device];
            held.RemoveAt(held.FindIndex(one => one.Table == table && one.Claim == claim));
            if (held.Count == 0)
                _claims.Remove(device);
        }
    }

    /// <summary>Nobody may claim the device from now on; false when somebody has it.</summary>
    public bool TryRetire(StackedDevice device)
    {
        lock (_claims)
            return device.IsRetired = !_claims.ContainsKey(device);
    }

    /// <summary>The device may be claimed again: it was not removed after all.</summary>
    public void Reinstate(StackedDevice device)
    {
        lock (_claims)
            device.IsRetired = false;
    }

    /// <summary>Devices that use this one.</summary>
    public IReadOnlyList<string> UsersOf(BackingDevice device)
    {
        lock (_claims)
            return _claims.TryGetValue(device, out var held) ? [.. held.Select(one => one.Owner.Name).Distinct()] : [];
    }
}
