namespace Ublk.Host.PlugIns;

/// <summary>A loaded assembly of somebody else.</summary>
/// <param name="Path">Its file.</param>
/// <param name="TargetTypes">Its public, constructible <see cref="TargetType"/>s.</param>
/// <param name="DirtyLogTypes">The same of <see cref="DirtyLogType"/>s.</param>
sealed record PlugIn(string Path, IReadOnlyList<Type> TargetTypes, IReadOnlyList<Type> DirtyLogTypes);
