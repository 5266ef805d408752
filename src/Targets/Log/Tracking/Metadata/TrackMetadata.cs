namespace Ublk.Targets.Log;

/// <summary>A device or file with a map: four blocks for commits, and two journals. Where what is, and how much room there must be.</summary>
sealed class TrackMetadata(BackingDevice device, TrackGeometry geometry)
{
    const uint BlockSectors = CommitBlock.Bytes / Sectors.Bytes;

    /// <summary>For the head, the samples and a few more of their size.</summary>
    const int OtherBytes = 4 * (JournalWriter.RecordHeadBytes + JournalWriter.LongestRecord);

    /// <summary>A file that is created holds so many maps of the whole device in each journal.</summary>
    const int DefaultMaps = 2;

    public BackingDevice Device => device;

    public TrackGeometry Geometry => geometry;

    /// <summary>Blocks of each journal: as many as there is room for, until there is a map that says how many it has.</summary>
    public uint JournalBlocks { get; private set; } = Room(device);

    /// <summary>Takes the size of the map that is there; false: it does not fit.</summary>
    public bool TryFit(uint journalBlocks)
    {
        if (journalBlocks > Room(device) || journalBlocks == 0)
            return false;
        JournalBlocks = journalBlocks;
        return true;
    }

    /// <summary>The open epoch, however it is, and all readers fit always: a journal can be begun anew, with less history if need be.</summary>
    public static ulong LeastSectors(TrackGeometry geometry, TrackLimits limits) => SectorsFor(LeastJournalBlocks(geometry, limits));

    public static ulong DefaultSectors(TrackGeometry geometry, TrackLimits limits) => SectorsFor(DefaultMaps * LeastJournalBlocks(geometry, limits));

    public ulong JournalSector(uint half, uint block) => (CommitBlock.Copies + ((ulong)half * JournalBlocks) + block) * BlockSectors;

    /// <summary>First sector of the two copies of a commit.</summary>
    public static ulong CommitSector(ulong number) => (number & 1) * 2 * BlockSectors;

    /// <summary>Bytes in a journal of so many pages, whole epochs and readers, and of what is always there.</summary>
    public long RecordBytes(long pages, long uniformPages, long closes, int readers) => RecordBytes(geometry, pages, uniformPages, closes, readers);

    /// <summary>The commit block without its slots.</summary>
    public CommitBlock CommitOf(JournalPosition position, ulong openEpoch, int slotCount, MapUse use) => new()
    {
        Number = position.Commit,
        SectorCount = geometry.SectorCount,
        BlockSectors = geometry.BlockSectors,
        ExtentSectors = geometry.ExtentSectors,
        PageBlocks = (uint)geometry.PageBlocks,
        JournalBlocks = JournalBlocks,
        Generation = position.Generation,
        Half = position.Half,
        Tail = position.Tail,
        OpenEpoch = openEpoch,
        SlotCount = slotCount,
        Use = use,
    };

    /// <summary>Lays out the next commit, which says that nothing of the map is to be believed; gives where it makes the journal stand.</summary>
    public JournalPosition Disown(TrackMap map, Span<byte> block)
    {
        JournalPosition disowned = map.Position with { Commit = map.Position.Commit + 1 };
        CommitOf(disowned, map.OpenEpoch, 0, MapUse.Disowned).Write(block);
        return disowned;
    }

    static uint Room(BackingDevice device) =>
        (uint)Math.Min((Math.Max(device.SectorCount / BlockSectors, CommitBlock.Copies) - CommitBlock.Copies) / 2, int.MaxValue);

    static ulong LeastJournalBlocks(TrackGeometry geometry, TrackLimits limits) =>
        JournalWriter.BlocksFor(RecordBytes(geometry, geometry.PageCount, 0, 1, limits.MostReaders));

    static long RecordBytes(TrackGeometry geometry, long pages, long uniformPages, long closes, int readers) => OtherBytes
        + (pages * (JournalWriter.RecordHeadBytes + PageRecordBytesOf(geometry)))
        + (uniformPages * (JournalWriter.RecordHeadBytes + sizeof(uint)))
        + (closes * (JournalWriter.RecordHeadBytes + sizeof(ulong)))
        + (readers * (long)(JournalWriter.RecordHeadBytes + (2 * sizeof(ulong)) + TrackReader.LongestName));

    static int PageRecordBytesOf(TrackGeometry geometry) => (2 * sizeof(uint)) + geometry.PageBytes;

    static ulong SectorsFor(ulong journalBlocks) => (CommitBlock.Copies + (2 * journalBlocks)) * BlockSectors;
}
