namespace Ublk.Interop;

/// <summary>What the daemon asks <c>ublk-dm</c> to be: a process that may wait for a device of the daemon's, as the daemon itself must not.</summary>
public static class HelperVerb
{
    /// <summary><c>hold-exclusive NODE</c></summary>
    public const string HoldExclusive = "hold-exclusive";

    /// <summary><c>probe-exclusive NODE</c></summary>
    public const string ProbeExclusive = "probe-exclusive";

    /// <summary><c>loops</c></summary>
    public const string Loops = "loops";

    /// <summary><c>freeze LIMIT-MS strict|best-effort FILE-SYSTEM...</c></summary>
    public const string Freeze = "freeze";

    /// <summary><c>thaw LIMIT-MS CONTROL</c></summary>
    public const string Thaw = "thaw";
}
