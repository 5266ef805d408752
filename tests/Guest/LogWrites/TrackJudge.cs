using Ublk.Targets.Log;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>
/// A disk with a tracked device and, behind it, its metadata: for each checkpoint that was told and is kept, what differs from the device as it was then is
/// among what the map says changed, once it has been loaded; and the map says no more than what was written and, after a crash, what was active.
/// </summary>
sealed class TrackJudge : ICrashJudge
{
    const int SectorBytes = 512;
    const uint BlockSectors = 8;

    // As tests/Ublk.Guest.Faults/SmallTrack.cs has them.
    static readonly TrackLimits s_limits = new(64, 4, BlockSectors, 64, 8);

    readonly WriteJournal _journal;
    readonly TrackGeometry _geometry;
    readonly int _dataSectors;
    readonly bool[] _wasWritten;
    readonly List<(ulong Epoch, byte[] Device)> _told = [];
    ulong _pending;

    /// <param name="folder">What a run of scenario 67 left.</param>
    public TrackJudge(string folder)
    {
        int[] layout = [.. File.ReadAllText(Path.Combine(folder, "layout")).Split(' ').Select(int.Parse)];
        _dataSectors = layout[0];
        SectorCount = layout[0] + layout[1];
        _geometry = new((ulong)_dataSectors, BlockSectors, s_limits.ExtentSectors, s_limits.PageBlocks);
        _journal = new(Path.Combine(folder, "journal"), _dataSectors, devices: 1);
        _wasWritten = new bool[_geometry.BlockCount];
        foreach (int sector in _journal.WrittenSectors(0))
            _wasWritten[sector / (int)BlockSectors] = true;
    }

    public int SectorCount { get; }

    public string Seen => $"{_told.Count} checkpoints, {AnswerCount} answers, at most {MostExcess} blocks too many";

    /// <summary>Checkpoints asked about, in all states.</summary>
    public int AnswerCount { get; private set; }

    /// <summary>Blocks told in a state that nobody ever wrote.</summary>
    public int MostExcess { get; private set; }

    public bool Pass(string mark)
    {
        if (mark.StartsWith('c') && ulong.TryParse(mark.AsSpan(1), out ulong epoch))
            _pending = epoch;
        return _journal.Pass(mark);
    }

    public string? Fault(ReadOnlySpan<byte> disk)
    {
        byte[] device = disk[..(_dataSectors * SectorBytes)].ToArray();
        if (_pending != 0)
            _told.Add((_pending, device));
        _pending = 0;
        if (_told.Count == 0)
            return null;
        using TrackMap map = Load(device, disk[(_dataSectors * SectorBytes)..].ToArray());
        if (map.OpenEpoch <= _told[^1].Epoch)
            return $"epoch {map.OpenEpoch} is open, and checkpoint {_told[^1].Epoch} was told";
        foreach ((ulong epoch, byte[] then) in _told)
        {
            if (epoch < map.History.Floor)
                return $"nothing is known any more of checkpoint {epoch}: {map.History.FloorReason}";
            if (!map.History.Knows(epoch))
                continue;
            if (Missing(map, epoch, then, device) is { } fault)
                return fault;
        }
        return null;
    }

    string? Missing(TrackMap map, ulong epoch, byte[] then, byte[] now)
    {
        EpochSet set = EpochSet.Merge(_geometry, map.History.Between(_geometry, epoch, map.History.Last)!, EpochSet.Of(_geometry, map.Open.Pages));
        bool[] told = new bool[_geometry.BlockCount];
        foreach ((ulong first, ulong count, _) in ChangeText.Ranges(_geometry, set))
            told.AsSpan((int)first, (int)count).Fill(true);
        const int BlockBytes = (int)BlockSectors * SectorBytes;
        int excess = 0;
        for (int block = 0; block < told.Length; block++)
        {
            excess += told[block] && !_wasWritten[block] ? 1 : 0;
            if (!told[block] && !then.AsSpan(block * BlockBytes, BlockBytes).SequenceEqual(now.AsSpan(block * BlockBytes, BlockBytes)))
                return $"block {block} changed after checkpoint {epoch}, and is not told";
        }
        AnswerCount++;
        MostExcess = Math.Max(MostExcess, excess);
        int bound = s_limits.MostActive * (int)(s_limits.ExtentSectors / BlockSectors);
        return excess <= bound ? null : $"{excess} blocks are told after checkpoint {epoch} that nobody wrote; {bound} may be";
    }

    TrackMap Load(byte[] device, byte[] metadata)
    {
        var loader = new TrackLoader(new ImageDevice(device), 0, new TrackMetadata(new ImageDevice(metadata), _geometry), 16, TimeProvider.System, TrackFaults.None);
        (TrackMap map, _, string? reason) = loader.LoadAsync(beginsAnew: false, disbelief: null).AsTask().GetAwaiter().GetResult();
        if (reason is not null)
            map.Forget(reason);
        return map;
    }

    /// <summary>A disk image as a device. What is written to it is nobody's concern.</summary>
    sealed class ImageDevice(byte[] content) : BackingDevice
    {
        public override ulong SectorCount => (ulong)content.Length / SectorBytes;

        public override BlockOps Ops => BlockOps.All;

        public override BlockLimits Limits => BlockLimits.None;

        public override string AccessMode => "memory";

        public override string ToString() => "image";

        public override ValueTask<Errno> ReadAsync(ulong sector, Memory<byte> into)
        {
            content.AsMemory((int)sector * SectorBytes, into.Length).CopyTo(into);
            return new(Errno.None);
        }

        public override ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags)
        {
            from.CopyTo(content.AsMemory((int)sector * SectorBytes));
            return new(Errno.None);
        }
    }
}
