namespace Ublk.Simulation;

/// <summary>
/// Errors that disks give on purpose. A test shares one among its seeds and asks <see cref="SeedRunner"/> to see that it fired.
/// </summary>
/// <param name="Name">What it is, for the failure message.</param>
/// <param name="Op">Operation it hits.</param>
/// <param name="PerMille">How often, of a thousand.</param>
/// <param name="Error">What is answered.</param>
public sealed record InjectedFault(string Name, BlockOp Op, int PerMille, Errno Error = Errno.IO)
{
    int _fired;

    /// <summary>How often it fired, over all runs.</summary>
    public int Fired => _fired;

    internal void Fire() => Interlocked.Increment(ref _fired);
}
