namespace Ublk.Targets.Mirror;

/// <summary>The legs, and which of them is the default: the one that is right where they differ. [W]</summary>
sealed class LegSet(Leg[] legs, MirrorFeatures features, ITargetServices services)
{
    public ReadOnlySpan<Leg> All => legs;

    /// <summary>Where regions that are not in sync are read and written, and what they are recovered from.</summary>
    public Leg Default { get; private set; } = legs[0];

    /// <summary>Every region was in sync, and no write has failed since.</summary>
    public bool IsInSync { get; set; }

    /// <summary>A leg failed since all were last alike, and lacks something now: a failed read alone does no harm.</summary>
    public bool HasFailure { get; private set; }

    /// <summary>The default leg has what others lack: it stays the default one, dead or not.</summary>
    public bool IsDefaultAhead { get; set; }

    /// <summary>The first leg without errors; null: there is none.</summary>
    public Leg? FirstGood
    {
        get
        {
            foreach (Leg leg in legs)
            {
                if (leg.IsGood)
                    return leg;
            }
            return null;
        }
    }

    /// <summary>The leg for a read where all are alike: the default one, or else the next one downwards that has no errors. Null: none has.</summary>
    public Leg? ForReading
    {
        get
        {
            int at = Array.IndexOf(legs, Default);
            for (int i = 0; i < legs.Length; i++)
            {
                if (legs[at].IsGood)
                    return legs[at];
                at = at == 0 ? legs.Length - 1 : at - 1;
            }
            return null;
        }
    }

    /// <summary>
    /// A leg gave an error (the kernel's fail_mirror). Only with handle_errors it changes anything: an event for the first of each kind, and
    /// another default leg where it can be had. While the legs differ only the default one is right, so there it stays, dead or not.
    /// </summary>
    public void Fail(Leg leg, LegError error)
    {
        HasFailure |= error != LegError.Read;
        if (!leg.Note(error) || !features.HandlesErrors)
            return;
        if (leg != Default)
        {
            services.RaiseEvent("a leg of the mirror failed");
        }
        else if (IsDefaultAhead || (!IsInSync && !features.KeepsLog))
        {
            services.RaiseEvent("the default leg of the mirror failed while the others are not in sync: reads may fail");
        }
        else if (FirstGood is { } good)
        {
            Default = good;
            services.RaiseEvent("the default leg of the mirror failed; another one takes its place");
        }
        else
        {
            services.RaiseEvent("all legs of the mirror have failed");
        }
    }

    /// <summary>The legs that failed of a join to which all were added in order.</summary>
    public void FailEach(ulong failed, LegError error)
    {
        for (int i = 0; i < legs.Length; i++)
        {
            if ((failed >> i & 1) != 0)
                Fail(legs[i], error);
        }
    }

    /// <summary>At a resume: what the log says is out of sync, only the default leg has.</summary>
    public void Resume(IDirtyLog log)
    {
        if (log.SyncCount == log.RegionCount)
            return;
        IsInSync = false;
        IsDefaultAhead = true;
    }

    /// <summary>All regions are in sync again: what failed once has been written anew.</summary>
    public void SetInSync()
    {
        IsInSync = true;
        IsDefaultAhead = false;
        HasFailure = false;
        foreach (Leg leg in legs)
            leg.Reset();
        services.RaiseEvent("the mirror is in sync");
    }

    /// <summary>[any thread] One letter for each leg.</summary>
    public string Health => string.Concat(legs.Select(leg => leg.Letter));
}
