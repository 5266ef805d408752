namespace Ublk.Targets.Basic;

/// <summary>
/// Requests are forwarded rather than remapped, which costs about 50 ns each: the status line says which device gave errors,
/// and a remapped request's error is never seen here.
/// </summary>
sealed class StripedShard(TargetIo io, Stripe[] stripes, StripeDevice[] devices, uint chunkSectors) : TargetShard
{
    /// <summary>What one <see cref="IoJoin"/> takes.</summary>
    const int JoinLimit = 64;

    public override MapResult Map(BlockRequest request) => request.Op == BlockOp.Flush ? Flush(request) : ToStripe(request);

    async IoTask<Errno> ToStripe(BlockRequest request)
    {
        (ulong chunk, ulong offset) = Math.DivRem(request.Sector, chunkSectors);
        (ulong row, ulong column) = Math.DivRem(chunk, (ulong)stripes.Length);
        Stripe stripe = stripes[column];
        Errno error = await io.Forward(request, stripe.Device.Backing, stripe.Extent.First + (row * chunkSectors) + offset);
        stripe.Device.Note(error);
        return error;
    }

    /// <summary>Every device is flushed, even behind one that fails: what can be made durable is.</summary>
    async IoTask<Errno> Flush(BlockRequest request)
    {
        Errno first = Errno.None;
        for (int from = 0; from < devices.Length; from += JoinLimit)
        {
            int count = Math.Min(JoinLimit, devices.Length - from);
            IoJoin join = io.Join();
            for (int i = 0; i < count; i++)
                join.Add(io.Forward(request, devices[from + i].Backing, 0));
            Joined done = await join.All;
            for (int i = 0; i < count; i++)
            {
                if ((done.Failed >> i & 1) != 0)
                    devices[from + i].Note(done.First);
            }
            if (first == Errno.None)
                first = done.First;
        }
        return first;
    }
}
