namespace Ublk.Targets.Log;

/// <summary>Whether and why a log takes nothing more.</summary>
enum LogDisabled
{
    /// <summary>It does.</summary>
    No,

    /// <summary>It is full.</summary>
    Full,

    /// <summary>Its device gave an error.</summary>
    Error,
}
