namespace Ublk.Targets.Basic;

sealed class StripedTarget(Stripe[] stripes, StripeDevice[] devices, uint chunkSectors, ulong sectorCount) : Target
{
    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops { get; } = devices.Aggregate(BlockOps.All, (ops, device) => ops & device.Backing.Ops);

    public override string Table => $"{stripes.Length} {chunkSectors} {string.Join(' ', stripes.Select(stripe => stripe.Extent))}";

    /// <summary>A request stays within one chunk, so it goes to one stripe. Best are whole chunks, and all stripes (as the kernel's stripe_io_hints).</summary>
    public override void Limit(ref BlockLimits limits)
    {
        limits.SplitSectors = CommonDivisor(chunkSectors, limits.SplitSectors);
        ulong chunkBytes = (ulong)chunkSectors << Sectors.Shift, stripeBytes = chunkBytes * (uint)stripes.Length;
        if (stripeBytes <= uint.MaxValue)
            (limits.MinimumIoBytes, limits.OptimalIoBytes) = ((uint)chunkBytes, (uint)stripeBytes);

        static uint CommonDivisor(uint a, uint b) => b == 0 ? a : CommonDivisor(b, a % b);
    }

    public override ValueTask<string> InfoAsync(CancellationToken ct) => new(
        $"{stripes.Length} {string.Join(' ', stripes.Select(stripe => stripe.Device.Backing.Word))} "
        + $"1 {string.Concat(stripes.Select(stripe => stripe.Device.Health))}");

    public override ValueTask<StatusField[]> DescribeAsync(CancellationToken ct) => new(
    [
        .. stripes.Select((stripe, i) => stripe.Device.Health == 'A'
            ? new StatusField($"stripe {i}", $"{stripe.Device.Backing} alive")
            : new StatusField($"stripe {i}", $"{stripe.Device.Backing} gave errors",
                Advice: "replace the device; striped keeps no second copy of what was on it")),
    ]);

    public override TargetShard Open(TargetIo io) => new StripedShard(io, stripes, devices, chunkSectors);
}
