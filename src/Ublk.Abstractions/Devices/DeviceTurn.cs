namespace Ublk;

/// <summary>
/// Whose turn it is to use a device that tables hand on (<see cref="Claim.Handover"/>): the next one takes it when the one before has stopped; two at a time
/// must not have it. Any thread.
/// </summary>
public sealed class DeviceTurn
{
    object? _holder;
    object? _last;

    /// <summary>Who has it; null: nobody.</summary>
    public object? Holder => Volatile.Read(ref _holder);

    /// <summary>Who had it last; null: nobody yet.</summary>
    public object? Last => Volatile.Read(ref _last);

    /// <summary>Takes it, unless another has it.</summary>
    public bool TryTake(object user)
    {
        object? holder = Interlocked.CompareExchange(ref _holder, user, null);
        if (holder is not null && holder != user)
            return false;
        Volatile.Write(ref _last, user);
        return true;
    }

    /// <summary>Whoever has it: a table that goes on takes it from one that was to follow, and did not.</summary>
    public void Take(object user)
    {
        Volatile.Write(ref _holder, user);
        Volatile.Write(ref _last, user);
    }

    /// <summary>Nobody else has taken it since this one did: what it knows of the device is still so.</summary>
    public bool WasLast(object user) => Last == user;

    /// <summary>Gives it back, if it is this one's.</summary>
    public void LetGo(object user) => Interlocked.CompareExchange(ref _holder, null, user);
}
