using System.Globalization;

namespace Ublk.Engine;

/// <summary>What one table opens: through one set of claims, so that the table's lines are checked against each other and other devices.</summary>
sealed class TableDevices(DeviceMapper mapper, MappedDevice owner)
{
    /// <summary>Opens the device that a word names; or a pool's members and then the pool, all or nothing.</summary>
    public async ValueTask<IReadOnlyList<OpenedDevice>> OpenAsync(string word, Claim claim, ulong? createSectors, bool force, CancellationToken ct)
    {
        if (PoolWord.Members(word) is not { } members)
            return [await OpenOneAsync(word, claim, pool: null, createSectors, ct)];
        var opened = new List<OpenedDevice>();
        try
        {
            foreach (string member in members)
            {
                try
                {
                    opened.Add(await OpenOneAsync(member, claim, pool: word, createSectors, ct));
                }
                catch (BackingException e)
                {
                    throw new BackingException($"member {opened.Count + 1}, {member}: {e.Message}");
                }
            }
            (StackedDevice pool, bool created) = await mapper.Pools.AcquireAsync(word, opened, force, mapper.Leaves);
            opened.Add(new OpenedDevice(word, pool, claim, null, created));
            return opened;
        }
        catch
        {
            foreach (OpenedDevice one in Enumerable.Reverse(opened))
                await CloseAsync(one, failed: true);
            throw;
        }
    }

    /// <summary>Refuses a device that is about to be overwritten and holds something else than the target's own.</summary>
    /// <exception cref="BackingException">It does, or that cannot be told.</exception>
    public async Task CheckHoldsNothingAsync(BackingDevice device, int headBytes, Func<ReadOnlyMemory<byte>, bool> isOwn, CancellationToken ct)
    {
        ulong block = Math.Max(device.Limits.LogicalBlockBytes, Sectors.Bytes);
        ulong length = Math.Min(((ulong)headBytes + block - 1) / block, device.SectorCount * Sectors.Bytes / block) * block;
        byte[] head = new byte[length];
        Errno error = await ReadAsync(device, head, ct);
        if (error != Errno.None)
        {
            // Only whoever copes with a start that cannot be read, and writes nothing until it can, may have such a device.
            if (isOwn(default) && await ReadAsync(device, head.AsMemory(0, (int)Math.Min(block, length)), ct) != Errno.None)
                return;
            throw new BackingException($"cannot be read, so nobody can see whether it holds something: {error}; mend or replace it, or use --force if nobody "
                + "needs what it holds");
        }
        if (isOwn(head))
            return;
        if (await mapper.Leaves.FindSignatureAsync(device, ct) is { } signature)
            throw new BackingException($"holds {signature}, and would be overwritten. {WipeAdvice(device, "wipefs --all {0}")}");
        if (head.AsSpan().IndexOfAnyExcept((byte)0) is >= 0 and var at)
            throw new BackingException($"holds data at byte {at}, and would be overwritten. "
                + WipeAdvice(device, $"dd if=/dev/zero of={{0}} bs={length} count=1 conv=notrunc"));
    }

    async Task<Errno> ReadAsync(BackingDevice device, Memory<byte> into, CancellationToken ct)
    {
        try
        {
            return await device.ReadAsync(0, into).AsTask().WaitAsync(PoolMember.ReadLimit, mapper.Time, ct);
        }
        catch (TimeoutException)
        {
            throw new BackingException($"could not be looked at within {PoolMember.ReadLimit.TotalSeconds:0} s; is its disk stuck?");
        }
    }

    static string WipeAdvice(BackingDevice device, string command) =>
        "If nobody needs that, --force overwrites it as it is"
        + (device is FileDevice { Memory: null } file ? ", or wipe it first: " + string.Format(CultureInfo.InvariantCulture, command, file.Path) : "");

    async ValueTask<OpenedDevice> OpenOneAsync(string word, Claim claim, string? pool, ulong? createSectors, CancellationToken ct)
    {
        if (mapper.FindStacked(word) is { } lower)
        {
            if (lower != owner && (lower.Stack.SectorCount == 0 || lower.Node is null))
                throw new BackingException($"device {lower.Name} has no live table; load and resume it first");
            if (lower != owner && lower.Info().IsSuspended)
                throw new BackingException($"device {lower.Name} is suspended, so nothing can be read from it; resume it first");
            if (lower.KernelUse() is { } use)
                throw new BackingException($"device {lower.Name} is in use: {use}");
            if (claim != Claim.ReadOnly && (lower.Stack.Ops & BlockOps.Write) == 0)
                throw new BackingException($"device {lower.Name} is read-only");
            mapper.Claims.Add(lower.Stack, owner, this, claim, pool);
            try
            {
                await lower.HoldNodeAsync(ct);
            }
            catch
            {
                mapper.Claims.Remove(lower.Stack, this, claim);
                throw;
            }
            return new OpenedDevice(word, lower.Stack, claim, lower, Created: false);
        }
        (LeafDevice leaf, bool created) = await mapper.Leaves.AcquireAsync(word, owner, createSectors, mapper.OwnsBlockDevice, ct);
        try
        {
            if (claim != Claim.ReadOnly && (leaf.Ops & BlockOps.Write) == 0)
                throw new BackingException("is read-only");
            mapper.Claims.Add(leaf, owner, this, claim, pool);
        }
        catch
        {
            mapper.Leaves.Release(leaf, created);
            throw;
        }
        return new OpenedDevice(word, leaf, claim, null, created);
    }

    /// <summary>Closes one; a file or pool that this load created goes away again when the load failed. The last one that was opened goes first.</summary>
    public async ValueTask CloseAsync(OpenedDevice opened, bool failed)
    {
        if (opened.Device is StackedDevice { Pool: not null } pool)
        {
            await mapper.Pools.ReleaseAsync(pool, failed && opened.Created);
            return;
        }
        if (opened.Lower is { } lower)
            await lower.LetNodeGoAsync();
        mapper.Claims.Remove(opened.Device, this, opened.Claim);
        if (opened.Device is LeafDevice leaf)
            mapper.Leaves.Release(leaf, failed && opened.Created);
    }
}
