namespace Ublk.Targets.Log;

/// <summary>
/// Whose a map is, and what may be believed of it: one for each metadata device, or for each device that is tracked without metadata.
/// Any thread. The owner is the holder of the device's turn: it changes only at a take-over, and when the owner is disposed.
/// <code>
/// state     right is            the disk may say                          who may have it next, and from where
/// OnDisk    the disk            what the last stop or crash left          anybody: from the disk
/// InUse     the owner's memory  the ordering rule; after an error         nobody
///                               "disowned", or what it said before
/// Stored    memory and disk     "clean", the same as the memory           the owner, or the table that replaces its: from memory
/// Unstored  the owner's memory  "disowned", or what it said before        the owner, or the table that replaces its: from memory
/// Lost      nobody              "disowned", or what it said before        anybody: begun anew, whatever the disk says
///
/// event                                       from               to
/// a table prepares, or withdraws              any                the same: nothing is taken before the take-over
/// take-over                                   any but InUse      Stored, or Unstored when the disk could not be written
/// start                                       Stored, Unstored   InUse
/// stop; everything was stored                 InUse              Stored
/// stop; something was not                     InUse              Unstored
/// replaced by a table that did not take over  Stored, Unstored   OnDisk when the disk says "disowned" by now, else Lost
/// disposed                                    Stored             OnDisk
/// disposed                                    Unstored, InUse    Lost
/// </code>
/// A map that was in memory alone is gone with its owner, so without metadata OnDisk and Lost are the same: a new map begins.
/// </summary>
/// <param name="turn">Who has it, and who prepares to.</param>
/// <param name="lost">Names of metadata devices whose map is lost: this outlives the opening of a device, as long as the process lives.</param>
/// <param name="name">The name among them.</param>
sealed class MapOwnership(DeviceTurn turn, HashSet<string> lost, string name)
{
    volatile MapState _state;

    /// <summary>What of it may be believed.</summary>
    public MapState State
    {
        get
        {
            lock (lost)
            {
                if (_state == MapState.OnDisk && lost.Contains(name))
                    _state = MapState.Lost;
            }
            return _state;
        }
    }

    /// <summary>[C] A table prepares: nobody else may meanwhile. False: another device has the map.</summary>
    public bool TryReserve(TrackTarget target) => turn.TryReserve(target, target.Services);

    /// <summary>[C] Nothing comes of it.</summary>
    public void Withdraw(TrackTarget target) => turn.Withdraw(target);

    /// <summary>
    /// [C] Between reserving and taking over: the owner, whose memory is right about the very part of the device that the target tracks. Null:
    /// there is none.
    /// </summary>
    public TrackTarget? Knows(TrackTarget target) =>
        State is MapState.Stored or MapState.Unstored && turn.Holder is TrackTarget owner && (owner == target || owner.IsSame(target)) ? owner : null;

    /// <summary>[C] The target is the owner from here on.</summary>
    public void TakeOver(TrackTarget target, bool isStored)
    {
        turn.Take(target);
        Set(isStored ? MapState.Stored : MapState.Unstored);
    }

    /// <summary>[W] The owner runs from here on.</summary>
    public void Started() => Set(MapState.InUse);

    /// <summary>[W] The owner has stopped.</summary>
    public void Stopped(bool isStored) => Set(isStored ? MapState.Stored : MapState.Unstored);

    /// <summary>Requests come to the target.</summary>
    public bool IsRunning(TrackTarget target) => _state == MapState.InUse && turn.Holder == target;

    /// <summary>[C] The target has the map still: nobody took over from it.</summary>
    public bool IsOwner(TrackTarget target) => turn.Holder == target;

    /// <summary>[C] The device goes on without the owner.</summary>
    public void Replaced(bool isDisowned) => Set(isDisowned ? MapState.OnDisk : MapState.Lost);

    /// <summary>[C] The target is gone.</summary>
    public void Disposed(TrackTarget target)
    {
        if (IsOwner(target) && State is not (MapState.OnDisk or MapState.Lost))
            Set(State == MapState.Stored ? MapState.OnDisk : MapState.Lost);
        turn.LetGo(target);
    }

    void Set(MapState state)
    {
        lock (lost)
        {
            _state = state;
            if (state == MapState.Lost)
                lost.Add(name);
            else
                lost.Remove(name);
        }
    }
}
