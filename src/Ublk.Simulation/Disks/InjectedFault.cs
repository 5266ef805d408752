namespace Ublk.Simulation;

/// <summary>Errors that disks give on purpose.</summary>
/// <param name="name">What it is, for the failure message.</param>
/// <param name="op">Operation it hits.</param>
/// <param name="perMille">How often, of a thousand.</param>
/// <param name="error">What is answered.</param>
public sealed class InjectedFault(string name, BlockOp op, int perMille, Errno error = Errno.IO) : Sighting(name)
{
    /// <summary>Operation it hits.</summary>
    public BlockOp Op => op;

    /// <summary>How often, of a thousand.</summary>
    public int PerMille => perMille;

    /// <summary>What is answered.</summary>
    public Errno Error => error;
}
