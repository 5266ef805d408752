namespace Ublk;

/// <summary>
/// The arguments of one table line, read left to right. [C] Counts them, names them in errors, and owns the devices it opened:
/// after a constructor that throws nothing is left open or created, otherwise they live as long as the target.
/// Every method throws <see cref="TableException"/> with the argument's position and name.
/// </summary>
public abstract class TableLine
{
    /// <summary>The line's length in sectors, or null when the user left it out: then the target says it.</summary>
    public abstract ulong? SectorCount { get; }

    /// <summary>How many arguments are left.</summary>
    public abstract int Remaining { get; }

    /// <summary>One of the arguments that are left is this word, in any case: a feature that decides how a device before it is opened.</summary>
    public abstract bool Mentions(string word);

    /// <summary>What the user said beside the table.</summary>
    public abstract LoadOptions Options { get; }

    /// <summary>The next argument.</summary>
    public abstract string Word(string what);

    /// <summary>The next argument as a decimal number in a range (hexadecimal is refused, as the kernel does).</summary>
    public abstract ulong Number(string what, ulong min = 0, ulong max = ulong.MaxValue);

    /// <summary>
    /// The next argument as a device: a path or <c>major:minor</c>. With <paramref name="createSectors"/> a regular file that does not
    /// exist is created sparse with that many sectors (and removed again if the load fails).
    /// </summary>
    public abstract ValueTask<BackingDevice> DeviceAsync(string what, Claim claim, CancellationToken ct, ulong? createSectors = null);

    /// <summary>
    /// As <see cref="DeviceAsync"/>, for a device that the target writes its own format to. One that holds anything else is refused, unless the user said
    /// force or this line made it: a byte that is not zero among the first <paramref name="headBytes"/>, or the signature of a file system, a partition
    /// table, a volume, encryption or swap anywhere; and one whose start cannot be read.
    /// </summary>
    /// <param name="what">The argument's name.</param>
    /// <param name="claim">For what it is opened.</param>
    /// <param name="headBytes">So much from its start is looked at; less if the device is shorter.</param>
    /// <param name="isOwn">Those bytes are the target's own format, which it reads itself and refuses if it is damaged or of another version.
    /// It is asked with no bytes when the first block cannot be read: true only if the target copes, and writes nothing before it can read.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="createSectors">Size of a file that does not exist.</param>
    public abstract ValueTask<BackingDevice> StoreAsync(
        string what, Claim claim, int headBytes, Func<ReadOnlyMemory<byte>, bool> isOwn, CancellationToken ct, ulong? createSectors = null);

    /// <summary>An error about the argument that was read last.</summary>
    public abstract TableException Error(string why);

    /// <summary>Refuses what is left over.</summary>
    public abstract void End();
}
