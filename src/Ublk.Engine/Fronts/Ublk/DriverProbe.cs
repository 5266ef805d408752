namespace Ublk.Engine;

/// <summary>What the ublk driver of this machine is and can do.</summary>
/// <param name="ControlNode">/dev/ublk-control is there.</param>
/// <param name="Error">Why it cannot be used, with the remedy; null when it can.</param>
/// <param name="Features">UBLK_F_* mask that the driver reports.</param>
/// <param name="FeatureNames">The same by name.</param>
/// <param name="LegacyOnly">Only the opcodes of Linux 6.1 to 6.3 work.</param>
public sealed record DriverProbe(bool ControlNode, string? Error, ulong Features, IReadOnlyList<string> FeatureNames, bool LegacyOnly);
