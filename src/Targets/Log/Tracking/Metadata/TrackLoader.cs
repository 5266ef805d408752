using System.Globalization;

namespace Ublk.Targets.Log;

/// <summary>
/// [C] Reads a map from its metadata, at a load to see whether it is one for this device, at each resume to use it. What is damaged, or
/// contradicts the device, gives a map in which everything may have changed, with the reason; never a guess.
/// </summary>
sealed class TrackLoader(BackingDevice device, ulong first, TrackMetadata metadata, int keep, TimeProvider time, TrackFaults faults)
{
    const int ReadBlocks = 64;

    /// <summary>Why nothing is known of a device that never had a map.</summary>
    const string Begun = "the map began then";

    TrackGeometry Geometry => metadata.Geometry;

    /// <summary>What is on the metadata device.</summary>
    public enum Found
    {
        /// <summary>Only zeroes.</summary>
        Nothing,

        /// <summary>A map of a device like this one.</summary>
        Map,

        /// <summary>A map that no commit block is left of.</summary>
        Damaged,
    }

    /// <summary>At the start of the metadata.</summary>
    public const int CommitBytes = CommitBlock.Copies * CommitBlock.Bytes;

    /// <summary>A map, perhaps a damaged one: one of the commit blocks has the magic.</summary>
    public static bool IsMap(ReadOnlyMemory<byte> commits) =>
        commits.Length == CommitBytes && Enumerable.Range(0, CommitBlock.Copies).Any(copy => CommitBlock.HasMagic(commits.Span[(copy * CommitBlock.Bytes)..]));

    /// <summary>Looks what is there; refuses what is something else, unless <paramref name="force"/>.</summary>
    /// <exception cref="TableException">It is no map, or one of another device, and nothing was changed.</exception>
    public async ValueTask<Found> CheckAsync(bool force)
    {
        byte[] commits = await ReadCommitsAsync();
        if (!commits.AsSpan().ContainsAnyExcept((byte)0))
            return Found.Nothing;
        if (Newest(commits) is not { } at)
        {
            // Something else is there by force alone: the line has refused it otherwise when it opened the device.
            if (!Places(commits).Any(place => CommitBlock.HasMagic(commits.AsSpan(place))))
                return Found.Nothing;
            return force ? Found.Damaged : throw Refused($"the map on {metadata.Device} is damaged: none of its {CommitBlock.Copies} commit blocks is whole. "
                + "--force begins a new one, which answers must-be-full to everybody who asks about before");
        }
        CommitBlock.TryRead(commits.AsSpan(at), out CommitBlock commit);
        if (Mismatch(commit) is not { } mismatch)
            return Found.Map;
        return force ? Found.Damaged : throw Refused($"the map on {metadata.Device} {mismatch}; give the right metadata, or --force to begin a new map");
    }

    /// <summary>The map as it is to be used now. Writes nothing: one that has to be begun anew comes with the reason, for <see cref="TryBeginAsync"/>.</summary>
    /// <param name="beginsAnew">Whatever is there is not to be used.</param>
    /// <param name="disbelief">Why what is there may be out of date; null: it is not.</param>
    public async ValueTask<PreparedMap> LoadAsync(bool beginsAnew, string? disbelief)
    {
        byte[] commits = await ReadCommitsAsync();
        if (beginsAnew || Newest(commits) is not { } at)
        {
            TrackMap begun = TrackMap.New(Geometry, time.GetUtcNow(), Begun, Highest(commits));
            begun.Position = new JournalPosition(HighestCommit(commits), 0, 1, 0);
            return new(begun, [], Begun);
        }
        CommitBlock.TryRead(commits.AsSpan(at), out CommitBlock commit);
        if (Mismatch(commit) is { } mismatch)
            throw Refused($"the map on {metadata.Device} {mismatch}: somebody changed it since the table was loaded");
        var position = new JournalPosition(commit.Number, commit.Generation, commit.Half, commit.Tail);
        (TrackMap? map, string? damage) = await ReadJournalAsync(position);
        if (commit.Use == MapUse.Disowned)
            damage = "the device was written when the map could not be kept up: the metadata device failed, or another table stood in this one's place";
        damage ??= disbelief;
        damage ??= map!.OpenEpoch == commit.OpenEpoch ? null : "the map's journal ends before its commit says";
        int[] active = damage is null && (faults & TrackFaults.ForgetActive) == 0 ? TakeActive(map!, commit, commits.AsSpan(at)) : [];
        damage ??= await MissedWritesAsync(map!, commit.Use == MapUse.Clean);
        map ??= TrackMap.New(Geometry, DateTimeOffset.UnixEpoch, "", commit.OpenEpoch - 1);
        map.OpenEpoch = Math.Max(map.OpenEpoch, commit.OpenEpoch);
        map.Position = position;
        return new(map, damage is null ? active : [], damage);
    }

    async ValueTask<byte[]> ReadCommitsAsync()
    {
        byte[] commits = new byte[CommitBlock.Copies * CommitBlock.Bytes];
        Errno error = await metadata.Device.ReadAsync(0, commits);
        return error == Errno.None ? commits : throw Refused($"{metadata.Device} cannot be read ({error})");
    }

    static IEnumerable<int> Places(byte[] commits) => Enumerable.Range(0, commits.Length / CommitBlock.Bytes).Select(copy => copy * CommitBlock.Bytes);

    /// <summary>Where the block is that counts; null: none is whole.</summary>
    static int? Newest(byte[] commits)
    {
        int? newest = null;
        ulong number = 0;
        foreach (int place in Places(commits))
        {
            if (CommitBlock.TryRead(commits.AsSpan(place), out CommitBlock commit) && (newest is null || commit.Number > number))
                (newest, number) = (place, commit.Number);
        }
        return newest;
    }

    /// <summary>No epoch that any block speaks of comes again, whatever the clock says.</summary>
    static ulong Highest(byte[] commits) => All(commits).Select(commit => commit.OpenEpoch).DefaultIfEmpty().Max();

    static ulong HighestCommit(byte[] commits) => All(commits).Select(commit => commit.Number).DefaultIfEmpty().Max();

    static IEnumerable<CommitBlock> All(byte[] commits)
    {
        foreach (int place in Places(commits))
        {
            if (CommitBlock.TryRead(commits.AsSpan(place), out CommitBlock commit) && commit.IsKnown)
                yield return commit;
        }
    }

    string? Mismatch(CommitBlock commit)
    {
        if (!commit.IsKnown)
            return $"has format version {commit.Version}, which this program does not know";
        if (commit.SectorCount != Geometry.SectorCount)
            return $"is of a device of {commit.SectorCount} sectors, not {Geometry.SectorCount}";
        if (commit.BlockSectors != Geometry.BlockSectors)
            return $"has blocks of {commit.BlockSectors} sectors, not {Geometry.BlockSectors}";
        if (commit.ExtentSectors != Geometry.ExtentSectors || commit.PageBlocks != (uint)Geometry.PageBlocks)
            return $"has extents of {commit.ExtentSectors} sectors and pages of {commit.PageBlocks} blocks, which this program does not write";
        return metadata.TryFit(commit.JournalBlocks) ? null : $"has two journals of {commit.JournalBlocks} blocks, and the device became too short for them";
    }

    async ValueTask<(TrackMap? Map, string? Damage)> ReadJournalAsync(JournalPosition position)
    {
        var reader = new JournalReader(Geometry, keep);
        byte[] blocks = new byte[ReadBlocks * JournalWriter.BlockBytes];
        for (uint index = 0; index < position.Tail; index += ReadBlocks)
        {
            int count = (int)Math.Min(ReadBlocks, position.Tail - index);
            Memory<byte> window = blocks.AsMemory(0, count * JournalWriter.BlockBytes);
            Errno error = await metadata.Device.ReadAsync(metadata.JournalSector(position.Half, index), window);
            if (error != Errno.None)
                return (reader.Map, Damage($"the map's journal cannot be read ({error})"));
            for (int i = 0; i < count; i++)
            {
                ReadOnlyMemory<byte> block = window.Slice(i * JournalWriter.BlockBytes, JournalWriter.BlockBytes);
                if (JournalWriter.Records(block, position.Generation, index + (uint)i) is not { } records || !reader.Read(records.Span))
                    return (reader.Map, Damage(string.Create(CultureInfo.InvariantCulture, $"block {index + (uint)i} of the map's journal is damaged")));
            }
        }
        return reader.Map is { } map ? (map, null) : (null, Damage("the map's journal is empty"));

        static string Damage(string what) => what + "; see to the metadata device";
    }

    /// <summary>After a crash, whatever was active may have been written.</summary>
    int[] TakeActive(TrackMap map, CommitBlock commit, ReadOnlySpan<byte> block)
    {
        var active = new List<int>(commit.SlotCount);
        foreach (uint extent in CommitBlock.Slots(block, commit.SlotCount))
        {
            if (extent >= Geometry.ExtentCount)
                continue;
            (ulong firstBlock, ulong count) = Geometry.BlocksOf((int)extent);
            map.Open.Mark(firstBlock, count, BlockState.Data);
            active.Add((int)extent);
        }
        return [.. active];
    }

    /// <summary>What the device holds where nobody wrote is what it held.</summary>
    public async ValueTask<string?> MissedWritesAsync(TrackMap map, bool isClean)
    {
        (Errno error, uint[] sums) = await DeviceSamples.TakeAsync(device, first, Geometry.SectorCount);
        if (error != Errno.None)
            return null;
        for (int i = 0; i < DeviceSamples.Count; i++)
        {
            bool isKnown = (map.UnwrittenSamples >> i & 1) != 0 && (isClean || DeviceSamples.IsUnwritten(map.Open, i));
            if (isKnown && sums[i] != map.Samples[i])
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"{device} was written while it was not tracked (sector {first + DeviceSamples.Sector(Geometry.SectorCount, i)} is another)");
            }
        }
        return null;
    }

    /// <summary>
    /// At a take-over: forgets what is not known any more, and writes a map without history into the journal that does not count, and then a commit
    /// that makes it count. False: the disk does not have it, and has to get all of it.
    /// </summary>
    public async ValueTask<bool> TryBeginAsync(TrackMap map, string reason)
    {
        if (reason != Begun)
            map.Forget(reason);
        (_, map.Samples) = await DeviceSamples.TakeAsync(device, first, Geometry.SectorCount);
        map.UnwrittenSamples = ulong.MaxValue;
        using var writer = new JournalWriter((int)JournalWriter.BlocksFor(metadata.RecordBytes(0, 0, 0, map.Readers.Length)));
        JournalPosition before = map.Position;
        var next = new JournalPosition(before.Commit + 1, before.Generation + 1, 1 - before.Half, 0);
        writer.Begin(next.Generation, 0);
        JournalText.PutHead(writer, map);
        JournalText.PutSamples(writer, map);
        writer.Seal();
        next = next with { Tail = writer.Tail };
        byte[] block = new byte[CommitBlock.Bytes];
        metadata.CommitOf(next, map.OpenEpoch, 0, MapUse.InUse).Write(block);
        Errno error = await metadata.Device.WriteAsync(metadata.JournalSector(next.Half, 0), writer.Bytes.ToArray(), BlockFlags.Fua);
        if (error == Errno.None)
            error = await CommitAsync(next, block);
        map.IsAheadOfDisk = error != Errno.None;
        // After an error the next journal has another number: a mix of both is damage, and not believed.
        map.Position = error == Errno.None ? next : before with { Generation = next.Generation };
        return error == Errno.None;
    }

    /// <summary>Makes the disk say that nothing of the map is to be believed.</summary>
    public async ValueTask<Errno> DisownAsync(TrackMap map)
    {
        byte[] block = new byte[CommitBlock.Bytes];
        return await CommitAsync(metadata.Disown(map, block), block);
    }

    ValueTask<Errno> CommitAsync(JournalPosition position, byte[] block) =>
        metadata.Device.WriteAsync(TrackMetadata.CommitSector(position.Commit), (byte[])[.. block, .. block], BlockFlags.Fua);

    static TableException Refused(string why) => new(TrackTargetType.MetadataArgument, why, TrackTargetType.MetadataName);
}
