using System.Runtime.CompilerServices;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>Which requests are recorded, or which records somebody wants: these operations, and of those that have sectors the ones that touch a range.</summary>
/// <param name="Ops">The operations; none: nothing passes.</param>
/// <param name="First">First sector of the range.</param>
/// <param name="End">The sector behind it.</param>
sealed record RequestFilter(RecordOps Ops, ulong First, ulong End)
{
    public static RequestFilter Nothing { get; } = new(RecordOps.None, 0, 0);

    /// <summary>A flush has no sectors, and concerns every range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Passes(RecordOp op, ulong sector, ulong sectorCount) =>
        ((int)Ops >> (int)op & 1) != 0 && (op == RecordOp.Flush || (sector < End && sector + sectorCount > First));
}
