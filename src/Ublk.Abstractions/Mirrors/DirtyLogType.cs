namespace Ublk;

/// <summary>A kind of dirty log: what stands behind <c>mirror</c> in a table. [C] One for each name, a DI singleton.</summary>
public abstract class DirtyLogType
{
    /// <summary>The word in the table.</summary>
    public abstract string Name { get; }

    /// <summary>Its arguments, for help and error messages.</summary>
    public abstract string Syntax { get; }

    /// <summary>The fewest arguments.</summary>
    public abstract int MinArguments { get; }

    /// <summary>The most arguments.</summary>
    public abstract int MaxArguments { get; }

    /// <summary>Reads exactly so many arguments.</summary>
    /// <exception cref="TableException">One of them is wrong.</exception>
    public abstract ValueTask<IDirtyLog> ConstructAsync(TableLine line, int argumentCount, ITargetServices services, CancellationToken ct);
}
