using Ublk.Engine;

namespace Ublk.Simulation.Tests;

/// <summary>The device holds what was written; and where the same is to be on two disks, it is.</summary>
/// <param name="simulation">The run.</param>
/// <param name="content">What it holds at first.</param>
/// <param name="isLostByErrors">After a write that failed all others may fail, and all reads; but what is read is right.</param>
/// <param name="disks">Disks that are to hold the same.</param>
sealed class CopyHandingOracle(Simulation simulation, byte[] content, bool isLostByErrors, params string[] disks) : HandingOracle
{
    readonly HashSet<ulong> _unknown = [];
    bool _hasFailed;

    public override void Written(ulong sector, byte[] bytes, Errno error)
    {
        if (error == Errno.None)
        {
            bytes.CopyTo(content, (int)sector * Sectors.Bytes);
            _unknown.Remove(sector);
        }
        else
        {
            _hasFailed = true;
            _unknown.Add(sector);
        }
    }

    public override Task LookAsync(MappedDevice device) => ReadAsync(device);

    public override async Task CheckAsync(MappedDevice device)
    {
        await ReadAsync(device);
        for (int i = 1; i < disks.Length; i++)
        {
            int same = simulation.Disks[disks[0]].Content.AsSpan().CommonPrefixLength(simulation.Disks[disks[i]].Content);
            if (same < content.Length)
            {
                simulation.Fail($"sector {same / Sectors.Bytes} of {disks[i]} is not that of {disks[0]}; "
                    + (await device.StatusAsync(inactive: false, default))[0].Params);
            }
        }
    }

    async Task ReadAsync(MappedDevice device)
    {
        byte[] now = new byte[content.Length];
        Errno error = await device.Stack.ReadAsync(0, now);
        if (error != Errno.None && isLostByErrors && _hasFailed)
            return;
        if (error != Errno.None)
            simulation.Fail($"the device cannot be read: {error}");
        for (int sector = 0; sector < content.Length / Sectors.Bytes; sector++)
        {
            Range bytes = (sector * Sectors.Bytes)..((sector + 1) * Sectors.Bytes);
            if (!_unknown.Contains((ulong)sector) && !now.AsSpan(bytes).SequenceEqual(content.AsSpan(bytes)))
                simulation.Fail($"sector {sector} is not what was written");
        }
    }
}
