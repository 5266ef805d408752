namespace Ublk.Simulation;

public sealed partial class Simulation
{
    /// <summary>States that are tried when the power fails, and at a moment at which it could have.</summary>
    const int StatesPerCrash = 16;
    const int StatesPerMoment = 4;

    /// <summary>How many of a hundred I/Os that change what a crash may leave are such a moment.</summary>
    const int MomentPercent = 4;

    /// <summary>The power is off: every I/O fails, and nothing reaches a disk.</summary>
    public bool IsPowerOff { get; private set; }

    /// <summary>How many of a hundred sectors that are not durable a crash keeps; null: that is drawn, too.</summary>
    public int? KeptPercent { get; set; }

    /// <summary>What is tried with the disks as a crash may leave them; null: nothing.</summary>
    public CrashSearch? Search { get; set; }

    /// <summary>
    /// The power fails at a moment that the seed picks: after some turns, or right after the user was told that something is durable,
    /// which is when a promise is easiest to break.
    /// </summary>
    public Task PowerOffSometimeAsync(Workload load, int mostTurns)
    {
        long turn = _turn + Prng.Between(1, mostTurns);
        int promises = Prng.Chance(40) ? int.MaxValue : load.DurableAnswers + Prng.Between(1, 40);
        return PowerOffWhenAsync(() => _turn >= turn || load.DurableAnswers >= promises || load.IsFinished);
    }

    /// <summary>The power fails in the very turn in which a condition holds.</summary>
    public Task PowerOffWhenAsync(Func<bool> condition) => UntilAsync(() =>
    {
        if (!IsPowerOff && !condition())
            return false;
        PowerOff();
        return true;
    });

    /// <summary>
    /// The power fails now. The process does not know yet: its I/O fails from here on, so that it can be taken down in order, but
    /// what it does and says no longer counts.
    /// </summary>
    public void PowerOff()
    {
        if (IsPowerOff)
            return;
        TryCrashes(StatesPerCrash);
        IsPowerOff = true;
        Trace.Note("power off", a: (ulong)_inFlight.Count);
        CrashState.Draw(Disks.All, Prng, KeptPercent).PutOn(Disks);
        foreach (SimFront front in _fronts)
            front.Load.PowerOff();
    }

    /// <summary>The power is back.</summary>
    public void PowerOn()
    {
        if (_inFlight.Count > 0)
            Fail("I/O of the old process is still in flight");
        IsPowerOff = false;
        Trace.Note("power on");
    }

    /// <summary>Something was written or made durable: a crash may leave other states from now on, and now and then they are tried.</summary>
    void TryCrashesSometimes()
    {
        if (Search is not null && Prng.Chance(MomentPercent))
            TryCrashes(StatesPerMoment);
    }

    /// <summary>Draws states that a crash could leave now, and recovers from each in a run of its own. Only between two steps.</summary>
    void TryCrashes(int most)
    {
        if (Search is not { } search || IsPowerOff)
            return;
        var tried = new HashSet<ulong>();
        for (int i = 0; i < most; i++)
        {
            var state = CrashState.Draw(Disks.All, Prng, KeptPercent);
            if (!tried.Add(state.Hash))
                continue;
            Trace.Note("what if the power failed", a: (ulong)_inFlight.Count, b: (ulong)i);
            var after = new Simulation(this, state);
            try
            {
                after.Run(() => search.Recover(after));
            }
            catch (SimulationFailedException e)
            {
                throw new SimulationFailedException($"had the power failed in turn {_turn}: {e.Message}", e);
            }
            search.Histories.Count(state);
            Trace.Note("it did not fail");
        }
    }
}
