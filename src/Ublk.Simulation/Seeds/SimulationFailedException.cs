namespace Ublk.Simulation;

/// <summary>A run that found something wrong.</summary>
public sealed class SimulationFailedException(string why, Exception? inner = null) : Exception(why, inner);
