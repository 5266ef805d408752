namespace Ublk;

/// <summary>
/// Whose turn it is to use a device that tables hand on (<see cref="Claim.Handover"/>); two at a time must not have it. Who uses it
/// is its holder, from the take-over until it is disposed, through suspends and swaps that are taken back. Its successor is a target in
/// the table that replaces the holder's, of the same ublk-dm device: it reserves its turn when it prepares, and has it when it takes
/// over. A target of another ublk-dm device gets it when the holder is gone. [C] Any thread.
/// </summary>
public sealed class DeviceTurn
{
    readonly Lock _lock = new();
    Use? _holder;
    Use? _next;

    /// <summary>Who has it; null: nobody.</summary>
    public object? Holder
    {
        get
        {
            lock (_lock)
                return _holder?.Target;
        }
    }

    /// <summary>
    /// In <see cref="Target.PrepareAsync"/>: reserves the next turn. False: a target of another ublk-dm device has it, or has reserved it. Ends with
    /// <see cref="Take"/> or <see cref="Withdraw"/>.
    /// </summary>
    /// <param name="target">Who.</param>
    /// <param name="device">The ublk-dm device that it is of.</param>
    public bool TryReserve(object target, ITargetServices device)
    {
        lock (_lock)
        {
            if ((_holder is { } holder && holder.Device != device) || (_next is { } next && next.Target != target))
                return false;
            _next = new Use(target, device);
            return true;
        }
    }

    /// <summary>In <see cref="Target.Withdraw"/>: nothing comes of what was reserved.</summary>
    public void Withdraw(object target)
    {
        lock (_lock)
        {
            if (_next?.Target == target)
                _next = null;
        }
    }

    /// <summary>In <see cref="Target.TakeOverAsync"/>: has what it reserved.</summary>
    public void Take(object target)
    {
        lock (_lock)
        {
            if (_next?.Target != target)
                throw new InvalidOperationException("the turn was not reserved");
            (_holder, _next) = (_next, null);
        }
    }

    /// <summary>Whoever had or had reserved it is gone.</summary>
    public void LetGo(object target)
    {
        lock (_lock)
        {
            if (_holder?.Target == target)
                _holder = null;
            if (_next?.Target == target)
                _next = null;
        }
    }

    sealed record Use(object Target, ITargetServices Device);
}
