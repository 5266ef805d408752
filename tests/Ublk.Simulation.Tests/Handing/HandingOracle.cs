using Ublk.Engine;

namespace Ublk.Simulation.Tests;

/// <summary>What a target has to know, whatever tables came and went.</summary>
abstract class HandingOracle
{
    /// <summary>A sector was written through the device; with an error it is the old or the new.</summary>
    public virtual void Written(ulong sector, byte[] bytes, Errno error)
    {
    }

    /// <summary>Another table stands in the target's place from now on, and the device was live all the time.</summary>
    public virtual void Replaced()
    {
    }

    /// <summary>The device was removed, with or without what its store should have.</summary>
    public virtual void Removed(bool isFailing)
    {
    }

    /// <summary>Now and then, while the target is live and not suspended.</summary>
    public virtual Task LookAsync(MappedDevice device) => Task.CompletedTask;

    /// <summary>Nothing fails any more, the target is live, and has had time for everything.</summary>
    public abstract Task CheckAsync(MappedDevice device);
}
