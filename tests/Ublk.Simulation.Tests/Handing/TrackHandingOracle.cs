using System.Globalization;
using Ublk.Engine;

namespace Ublk.Simulation.Tests;

/// <summary>What is told since a checkpoint is what was written since, or that everything may have changed; and that only when the daemon cannot know better.</summary>
sealed class TrackHandingOracle(Simulation simulation, bool isInMemory) : HandingOracle
{
    readonly HashSet<ulong> _written = [];
    ulong _epoch;
    bool _mayBeFull;
    bool _isUnprotected;

    public override void Written(ulong sector, byte[] bytes, Errno error)
    {
        if (error != Errno.None)
            simulation.Fail($"a write failed: {error}");
        _written.Add(sector);
    }

    public override void Replaced() => _mayBeFull = true;

    public override void Removed(bool isFailing) => _mayBeFull |= isInMemory || isFailing || _isUnprotected;

    public override async Task LookAsync(MappedDevice device)
    {
        await AskAsync(device);
        _isUnprotected = (await device.StatusAsync(inactive: false, default))[0].Params.EndsWith('D');
        if (!simulation.Prng.Chance(40))
            return;
        if (await TrackedDevice.RefusedAsync(() => CheckpointAsync(device)) is { } refused && !refused.Contains("made durable", StringComparison.Ordinal))
            simulation.Fail(refused);
    }

    public override async Task CheckAsync(MappedDevice device)
    {
        await AskAsync(device);
        await CheckpointAsync(device);
        await AskAsync(device);
    }

    async Task CheckpointAsync(MappedDevice device)
    {
        ulong epoch = ulong.Parse(await device.MessageAsync(0, ["checkpoint"], default), CultureInfo.InvariantCulture);
        if (epoch <= _epoch)
            simulation.Fail($"checkpoint {epoch} comes again; {_epoch} was told");
        _epoch = epoch;
        _mayBeFull = false;
        _written.Clear();
    }

    async Task AskAsync(MappedDevice device)
    {
        if (_epoch == 0)
            return;
        Changes changes = await Changes.AskAsync(device, "changes", "since", $"{_epoch}");
        if (changes.Full is { } reason)
        {
            if (!_mayBeFull)
                simulation.Fail($"everything is to be copied: {reason}");
            return;
        }
        if (_written.Except(changes.Sectors).ToArray() is [var missing, ..])
            simulation.Fail($"sector {missing} was written and is not told");
        if (changes.Sectors.Except(_written).ToArray() is [var more, ..])
            simulation.Fail($"sector {more} is told and was not written");
    }
}
