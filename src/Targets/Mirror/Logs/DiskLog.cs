namespace Ublk.Targets.Mirror;

/// <summary>
/// The kernel's disk log. The ordering rule, so that after a crash every region whose legs may differ has a 0 on the disk:
/// <list type="number">
/// <item>A region's bit becomes 0, durably (FUA), before any of its writes goes to a leg.</item>
/// <item>It becomes 1 only when no write to the region is under way, and after a flush of every leg that was issued when none was: what
/// the legs have in common is durable on all of them.</item>
/// <item>A 1 need not become durable: without it the region is recovered for nothing.</item>
/// </list>
/// What is written is one piece from the first to the last block that changed, not, as in the kernel, all of the log.
/// </summary>
sealed class DiskLog(
    BackingDevice device, uint regionSectors, bool? startsInSync, ITargetServices services, LostLogs lost, MirrorFaults faults)
    : RegionLog(regionSectors, startsInSync, DeviceArgument + 1)
{
    public const string DeviceName = "log device";

    const int DeviceArgument = 3;

    // The image changes only at the start of a flush, never while it is being written. Until then marks wait here, and what was cleared; a
    // mark takes a region out of what is to be cleared, and out of what a flush that is under way is clearing.
    readonly HashSet<ulong> _toMark = [];
    HashSet<ulong> _toClear = [];
    HashSet<ulong> _clearing = [];
    IoMemory _image = new(0);

    /// <summary>Bytes of the image that are not on the disk yet.</summary>
    int _changedFrom = int.MaxValue;
    int _changedTo;
    bool _hasMarks;
    bool _canClear = true;

    /// <summary>[C] What the next take-over writes, and whether it was read; null: not prepared.</summary>
    (byte[] Image, bool IsReadable)? _prepared;
    volatile bool _hasFailed;

    public override string Table => $"disk {(HasWord ? 3 : 2)} {device.Word} {RegionSectors}{Word}";

    public override string Info => $"3 disk {device.Word} {(_hasFailed ? 'D' : 'A')}";

    public override string? Advice => _hasFailed
        ? $"{device} gave an error: after a crash the mirror may be recovered wrongly or whole; replace it, by a table with another log device"
        : null;

    public override bool NeedsFlush => _changedTo > 0 || _toMark.Count > 0 || _toClear.Count > 0;

    /// <summary>[C] After a stop: a region that is 1 on the disk may be dirty, because its 0 could not be written.</summary>
    bool IsAheadOfDisk => _hasMarks || _toMark.Count > 0;

    Span<ulong> Clean => DiskLogFormat.Bitmap(_image.Bytes, RegionCount);

    public override async ValueTask OpenAsync(ulong sectorCount, bool force)
    {
        await base.OpenAsync(sectorCount, force);
        int bytes = DiskLogFormat.ByteCount(RegionCount, BlockBytes);
        if ((ulong)bytes > device.SectorCount * Sectors.Bytes)
        {
            throw Refused($"{device} has {device.SectorCount} sectors, too few for the log of {RegionCount} regions: {bytes / Sectors.Bytes} are needed; "
                + "give a larger device, or choose larger regions");
        }
        _image.Dispose();
        _image = new(bytes);
        byte[] found = new byte[bytes];
        // What cannot be read now is dealt with at the resume, as in the kernel.
        if (await device.ReadAsync(0, found) == Errno.None && !force)
            CheckIsLog(found);
        // A mark that finds no room later would fail the log; nothing is changed by this.
        if (await device.AllocateAsync(0, (ulong)bytes / Sectors.Bytes) is not Errno.None and var full)
            throw Refused($"{device} cannot be given the room that the log needs, {bytes} bytes: {full}; make room on its file system");
    }

    void CheckIsLog(byte[] found)
    {
        DiskLogFormat.Header header = DiskLogFormat.ReadHeader(found);
        if (DiskLogFormat.HoldsSomethingElse(found))
        {
            throw Refused($"{device} holds something that is no mirror log. If nobody needs it, wipe it: "
                + $"dd if=/dev/zero of={device} bs=512 count={found.Length / Sectors.Bytes} conv=notrunc; --force overwrites it as it is");
        }
        if (header.Magic == DiskLogFormat.Magic && !IsKnown(header.Version))
        {
            throw Refused($"the log on {device} has format version {header.Version}; this program knows {DiskLogFormat.OldVersion} and "
                + $"{DiskLogFormat.Version}. --force loads it, and recovers everything");
        }
    }

    /// <summary>
    /// The kernel's rules. The table's word, or anything that is no log, begins it anew. Regions that were not there before are not in sync
    /// (with nosync they are), and bits of regions that are no longer there become 0. What cannot be read, or is of another version, says
    /// nothing: everything is recovered, and the log stays failed. So does, and this is ours, a log to which whoever had it could not write
    /// that regions are dirty.
    /// </summary>
    public override async ValueTask PrepareAsync()
    {
        if (!device.Turn.TryReserve(this, services))
            throw new TableException(0, $"the log on {device} belongs to another mirror that is live; remove that one first, or give it another table");
        byte[] found = new byte[_image.Bytes.Length];
        Errno read = await device.ReadAsync(0, found);
        bool isReadable = read == Errno.None;
        ulong known = isReadable ? Known(found, out isReadable) : 0;
        if ((device.Turn.Holder is DiskLog { IsAheadOfDisk: true } || lost.Has(device)) && (faults & MirrorFaults.BelieveUnwritten) == 0)
            known = 0;
        if (!isReadable)
            _image.Bytes.CopyTo(found);
        DiskLogFormat.WriteHeader(found, RegionCount);
        Span<ulong> clean = DiskLogFormat.Bitmap(found, RegionCount);
        RegionBits.Fill(clean, known, RegionCount, isReadable && StartsInSync);
        RegionBits.Fill(clean, RegionCount, (ulong)clean.Length * 64, false);
        _prepared = (found, isReadable);
        if ((faults & MirrorFaults.WriteAtPrepare) != 0)
            await device.WriteAsync(0, found, BlockFlags.Fua);
    }

    public override void Withdraw()
    {
        _prepared = null;
        device.Turn.Withdraw(this);
    }

    public override async ValueTask TakeOverAsync()
    {
        (byte[] image, bool isReadable) = _prepared!.Value;
        _prepared = null;
        device.Turn.Take(this);
        _toMark.Clear();
        _toClear.Clear();
        _canClear = true;
        image.CopyTo(_image.Bytes);
        Clean.CopyTo(Sync);
        (_changedFrom, _changedTo, _hasMarks) = (int.MaxValue, 0, false);
        if (!isReadable)
            Fail();
        if (await device.WriteAsync(0, image, BlockFlags.Fua) == Errno.None)
        {
            lost.Set(device, isLost: false);
        }
        else
        {
            ChangeAll();
            Fail();
        }
        await base.TakeOverAsync();
    }

    /// <summary>Legs that go on as something else differ from the others wherever they are written, and no bit would say so.</summary>
    public override async ValueTask ReplacedAsync()
    {
        if (device.Turn.Holder != this || (faults & MirrorFaults.ForgetReplaced) != 0)
            return;
        Clean.Clear();
        if (await device.WriteAsync(0, _image.Bytes.ToArray(), BlockFlags.Fua) != Errno.None)
        {
            ChangeAll();
            // A log that has failed was told of: as in the kernel its replacement raises no event.
            if (!_hasFailed)
                services.RaiseEvent("the mirror was replaced, and its log could not be told: begin it anew (sync) when it is used after a restart");
            return;
        }
        _toMark.Clear();
        _hasMarks = false;
    }

    public override void Mark(ulong region)
    {
        _toClear.Remove(region);
        _clearing.Remove(region);
        if (RegionBits.IsSet(Clean, region))
            _toMark.Add(region);
    }

    public override void Clear(ulong region)
    {
        if (_canClear && !_toMark.Remove(region) && !RegionBits.IsSet(Clean, region))
            _toClear.Add(region);
    }

    public override async IoTask<Errno> Flush(TargetIo io, ILegs legs)
    {
        if (_toClear.Count > 0)
            await ApplyClears(legs);
        foreach (ulong region in _toMark)
            Change(region, isClean: false);
        _toMark.Clear();
        if (_changedTo == 0)
            return Errno.None;
        (int from, int to, bool hasMarks) = (_changedFrom, _changedTo, _hasMarks);
        (_changedFrom, _changedTo, _hasMarks) = (int.MaxValue, 0, false);
        Errno error = await io.Write(device, (ulong)from / Sectors.Bytes, _image.Data.Slice(from, to - from), hasMarks ? BlockFlags.Fua : BlockFlags.None);
        if (error != Errno.None)
        {
            (_changedFrom, _changedTo, _hasMarks) = (Math.Min(_changedFrom, from), Math.Max(_changedTo, to), _hasMarks || hasMarks);
            Fail();
        }
        return error;
    }

    /// <summary>
    /// A region that is marked while the legs are being flushed, and perhaps cleared again, is not among those that become clean: its new
    /// writes came after the flush began.
    /// </summary>
    async IoTask<Errno> ApplyClears(ILegs legs)
    {
        (_toClear, _clearing) = (_clearing, _toClear);
        if ((faults & MirrorFaults.ClearBeforeFlush) == 0 && await legs.Flush() != Errno.None)
        {
            // As in the kernel: who knows what else is not durable there. Nothing is called clean any more.
            _canClear = false;
            _toClear.Clear();
            _clearing.Clear();
            Clean.Clear();
            ChangeAll();
            return Errno.IO;
        }
        foreach (ulong region in _clearing)
            Change(region, isClean: true);
        _clearing.Clear();
        return Errno.None;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // What its memory knew goes with it.
            if (device.Turn.Holder == this)
                lost.Set(device, isLost: IsAheadOfDisk);
            device.Turn.LetGo(this);
            _image.Dispose();
        }
        base.Dispose(disposing);
    }

    uint BlockBytes => Math.Max(device.Limits.LogicalBlockBytes, Sectors.Bytes);

    /// <summary>How many regions the log knows something of; not readable: it is of a version that we do not know.</summary>
    ulong Known(byte[] found, out bool isReadable)
    {
        DiskLogFormat.Header header = DiskLogFormat.ReadHeader(found);
        isReadable = HasWord || header.Magic != DiskLogFormat.Magic || IsKnown(header.Version);
        return HasWord || header.Magic != DiskLogFormat.Magic || !isReadable ? 0 : Math.Min(header.RegionCount, RegionCount);
    }

    static bool IsKnown(uint version) => version is DiskLogFormat.Version or DiskLogFormat.OldVersion;

    void Change(ulong region, bool isClean)
    {
        RegionBits.Put(Clean, region, isClean);
        _hasMarks |= !isClean;
        int block = DiskLogFormat.ByteOf(region) / (int)BlockBytes * (int)BlockBytes;
        _changedFrom = Math.Min(_changedFrom, block);
        _changedTo = Math.Max(_changedTo, block + (int)BlockBytes);
    }

    /// <summary>The next flush writes the whole image, durably.</summary>
    void ChangeAll() => (_changedFrom, _changedTo, _hasMarks) = (0, _image.Bytes.Length, true);

    void Fail()
    {
        if (_hasFailed)
            return;
        _hasFailed = true;
        services.RaiseEvent("the mirror's log device failed");
    }

    static TableException Refused(string why) => new(DeviceArgument, why, DeviceName);
}
