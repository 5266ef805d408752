namespace Ublk.Engine;

/// <summary>A backing device whose I/O leaves the process through the <see cref="Ring"/>.</summary>
public abstract class LeafDevice : BackingDevice
{
}
