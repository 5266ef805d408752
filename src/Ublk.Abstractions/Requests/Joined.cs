namespace Ublk;

/// <summary>What became of the legs of an <see cref="IoJoin"/>.</summary>
/// <param name="First">
/// The first error; <see cref="Errno.NotSupported"/> only when no leg gave another one; <see
/// cref="Errno.None"/> when all did what was asked.
/// </param>
/// <param name="Failed">Bit i is set when the i-th leg added failed, or refused.</param>
public readonly record struct Joined(Errno First, ulong Failed);
