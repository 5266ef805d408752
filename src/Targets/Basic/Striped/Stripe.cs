namespace Ublk.Targets.Basic;

/// <summary>One stripe: a part of a device, which other stripes may share.</summary>
sealed record Stripe(StripeDevice Device, Extent Extent);
