namespace Ublk.Control;

/// <summary>Answer to <c>GET /v1/doctor</c>, and what <c>ublk-dmd --doctor --json</c> prints.</summary>
/// <param name="Findings">One for each check.</param>
public sealed record DoctorReply(IReadOnlyList<Finding> Findings);
