namespace Ublk;

/// <summary>
/// A kind of target: what a table line names. [C] One per name, a DI singleton; a family shares state by taking each other's
/// types as constructor arguments.
/// </summary>
public abstract class TargetType
{
    /// <summary>The word in the table.</summary>
    public abstract string Name { get; }

    /// <summary>Version as <c>targets</c> prints it; the kernel's where the behaviour is the kernel's.</summary>
    public abstract Version Version { get; }

    /// <summary>The arguments, for help and error messages: <c>&lt;device&gt; &lt;first sector&gt;</c>.</summary>
    public abstract string Syntax { get; }

    /// <summary>Builds a target from its table line. What was opened through <paramref name="line"/> is closed again if this throws.</summary>
    /// <exception cref="TableException">An argument is wrong; the message is shown to the user.</exception>
    public abstract ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct);
}
