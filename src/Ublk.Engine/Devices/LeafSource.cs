using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>Opens backing devices: block devices and files, or the simulator's disks. [C] One instance for each device, counted.</summary>
public abstract class LeafSource
{
    /// <summary>
    /// Opens a device or takes the open one. With <paramref name="createSectors"/> a file that does not exist is created.
    /// </summary>
    /// <param name="word">A path, <c>major:minor</c>, or <c>mem:SIZE</c>.</param>
    /// <param name="owner">Whose memory it is: <c>mem:64M</c> in the tables of one device is one memory, in another device's another.</param>
    /// <param name="createSectors">Size of the file to create, in sectors.</param>
    /// <param name="isOurs">Whether a block device number is one of our own nodes.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="BackingException">It cannot be used.</exception>
    public abstract ValueTask<(LeafDevice Device, bool Created)> AcquireAsync(
        string word, object owner, ulong? createSectors, Func<DeviceNumber, bool> isOurs, CancellationToken ct);

    /// <summary>Who is told that a device has shrunk, or has another amount of room: the device mapper.</summary>
    internal Func<LeafDevice, Task>? Noticed { get; set; }

    /// <summary>
    /// Looks at a device that is open: its length, and the room under it. [C] About once a second for each, so that nobody on the data path has
    /// to ask the system. What could not be told is told after the next look.
    /// </summary>
    protected async Task LookAtAsync(LeafDevice device)
    {
        _ = device.SectorCount;
        if (await device.LookAtRoomAsync())
            device.IsToldRoom = false;
        if ((!device.IsToldRoom || (device.HasShrunk && !device.IsToldShrunk)) && Noticed is { } noticed)
            await noticed(device);
    }

    /// <summary>
    /// What a device holds, for people, by the signatures of file systems, partition tables, volumes, encryption and swap; null: nothing that has one.
    /// </summary>
    /// <param name="device">A leaf, a pool or a device of ours.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="BackingException">It cannot be told; then the device must not be overwritten.</exception>
    public abstract Task<string?> FindSignatureAsync(BackingDevice device, CancellationToken ct);

    /// <summary>Lets one use go; the last one closes it, and deletes the file when asked to.</summary>
    public abstract void Release(LeafDevice device, bool delete);
}
