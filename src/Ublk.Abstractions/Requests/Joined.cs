namespace Ublk;

/// <summary>What became of the legs of an <see cref="IoJoin"/>.</summary>
/// <param name="First">The first error, or <see cref="Errno.None"/>.</param>
/// <param name="Failed">Bit i is set when the i-th leg added failed.</param>
public readonly record struct Joined(Errno First, ulong Failed);
