namespace Ublk.Simulation;

/// <summary>What a run tries with the disks as crashes may leave them, while it goes on itself as if there had been none.</summary>
/// <param name="Histories">Counts what was tried.</param>
/// <param name="Recover">
/// The script of a run of its own, on disks that hold such a state: what a next life of the daemon does and checks. It must not change
/// anything of the run that goes on.
/// </param>
public sealed record CrashSearch(CrashHistories Histories, Func<Simulation, Task> Recover);
