using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>A device's node in the system, once started. [C]</summary>
public abstract class DeviceNode
{
    /// <summary>How it was made.</summary>
    public abstract NodeFacts Facts { get; }

    /// <summary>Its block device number.</summary>
    public abstract DeviceNumber Number { get; }

    /// <summary>Path of the block node.</summary>
    public abstract string Path { get; }

    /// <summary>What a later table has to fit.</summary>
    public abstract StackShape Shape { get; }

    /// <summary>
    /// Keeps the rest of the system from mounting or claiming the node while a device of ours stands on it, as the kernel's
    /// device-mapper keeps its lower devices; null where there is nothing to keep.
    /// </summary>
    /// <exception cref="BackingException">Somebody has it.</exception>
    public virtual Task<IAsyncDisposable?> HoldAsync(CancellationToken ct) => Task.FromResult<IAsyncDisposable?>(null);

    /// <summary>Takes the node away. Without force a node in use is refused.</summary>
    /// <exception cref="DmException">Busy.</exception>
    public abstract Task StopAsync(bool force, CancellationToken ct);
}
