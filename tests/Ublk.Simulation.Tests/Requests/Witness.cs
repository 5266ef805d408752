namespace Ublk.Simulation.Tests;

/// <summary>Requests in the order in which they came, seen by a layer right above or below the one that is tested: in the same step of the run.</summary>
sealed class Witness
{
    public List<Witnessed> Seen { get; } = [];

    /// <summary>Whether a request concerns it.</summary>
    public Func<BlockRequest, bool> Wants { get; set; } = _ => true;
}
