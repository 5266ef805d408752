namespace Ublk.Engine;

/// <summary>What the superblock of one member says.</summary>
/// <param name="PoolId">Which pool it belongs to: random.</param>
/// <param name="MemberCount">How many members that has.</param>
/// <param name="Index">Which of them this is, from 0.</param>
/// <param name="DataSectors">Its data in sectors; of the last member, what it had when a table was loaded last.</param>
/// <param name="IsMemory">It was memory, and what was on it is gone.</param>
readonly record struct PoolSuperblock(Guid PoolId, uint MemberCount, uint Index, ulong DataSectors, bool IsMemory);
