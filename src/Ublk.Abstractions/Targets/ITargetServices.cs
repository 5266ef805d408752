namespace Ublk;

/// <summary>What the process gives a target. Any thread.</summary>
public interface ITargetServices
{
    /// <summary>Raises a device-mapper event: the device's event number goes up and waiters return. The reason is logged; pass a constant.</summary>
    void RaiseEvent(string reason);

    /// <summary>Wall-clock and timers of the control plane; virtual in the simulator.</summary>
    TimeProvider Time { get; }
}
