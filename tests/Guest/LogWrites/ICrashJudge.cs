namespace Ublk.Guest.Tests.LogWrites;

/// <summary>Knows what a disk must hold after a power failure; <see cref="CrashStates"/> asks it about each state.</summary>
interface ICrashJudge
{
    /// <summary>Length of the disk.</summary>
    int SectorCount { get; }

    /// <summary>What the run was like, for people.</summary>
    string Seen { get; }

    /// <summary>The log has a mark here.</summary>
    /// <returns>Whether it tells of a sync.</returns>
    bool Pass(string mark);

    /// <summary>Null, or why the disk may not look so.</summary>
    string? Fault(ReadOnlySpan<byte> disk);
}
