namespace Ublk.Simulation;

/// <summary>
/// A state that a crash may leave the disks in. Each sector for itself keeps what is durable, or what any write since then made of it,
/// in flight or completed: so writes are lost, torn at every sector boundary, and reach the disk in any order.
/// </summary>
sealed class CrashState
{
    readonly List<(SimDisk Disk, ulong Sector, SimIo Write)> _kept = [];

    CrashState()
    {
    }

    /// <summary>Equal for states with equal content.</summary>
    public ulong Hash { get; private set; } = Fnv.Basis;

    /// <summary>Some sectors of a write were kept, others were lost.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>A write that had completed was lost, or a part of it.</summary>
    public bool HasLost { get; private set; }

    /// <summary>A write was kept, and one lost that had completed when that one was issued.</summary>
    public bool IsReordered { get; private set; }

    /// <summary>Draws one; so many of a hundred sectors that are not durable are kept, on each disk another number if it is not given.</summary>
    public static CrashState Draw(IEnumerable<SimDisk> disks, Prng prng, int? keptPercent)
    {
        var state = new CrashState();
        foreach (SimDisk disk in disks)
            state.Draw(disk, prng, keptPercent ?? prng.Pick(0, 20, 50, 50, 80, 100));
        return state;
    }

    /// <summary>Puts it on these disks: those it was drawn from, or others with their names.</summary>
    public void PutOn(SimLeaves disks)
    {
        foreach (SimDisk disk in disks.All)
            disk.DropCache();
        foreach ((SimDisk disk, ulong sector, SimIo write) in _kept)
            disks[disk.Name].SetContent(sector, write.SectorAt(sector));
    }

    void Draw(SimDisk disk, Prng prng, int keptPercent)
    {
        var kept = new HashSet<SimIo>();
        var lost = new HashSet<SimIo>();
        foreach ((ulong sector, List<SimIo> writes) in disk.Volatile())
        {
            int choice = prng.Chance(keptPercent) ? prng.Below(writes.Count) : -1;
            ReadOnlySpan<byte> before = disk.Durable(sector).Span;
            ReadOnlySpan<byte> after = choice < 0 ? before : writes[choice].SectorAt(sector).Span;
            if (!after.SequenceEqual(before))
            {
                kept.Add(writes[choice]);
                _kept.Add((disk, sector, writes[choice]));
                Hash = Fnv.Fold(Fnv.Fold(Fnv.Fold(Hash, disk.Name), sector), after);
            }
            foreach (SimIo write in writes.Skip(choice + 1))
            {
                if (!write.SectorAt(sector).Span.SequenceEqual(after))
                    lost.Add(write);
            }
        }
        IsTorn |= kept.Overlaps(lost);
        foreach (SimIo write in lost)
        {
            HasLost |= write.HasCompleted;
            IsReordered |= write.HasCompleted && kept.Any(other => other.FlushMark >= write.Number);
        }
    }
}
