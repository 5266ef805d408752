namespace Ublk.Targets.Mirror;

/// <summary>
/// The legs, and which of them is the default: the one that is right where they differ. [W] The last ones may be new: they are filled, get
/// the writes to what they have, and are not read before they have it all.
/// </summary>
sealed class LegSet(Leg[] legs, MirrorFeatures features, ulong regionCount, ITargetServices services)
{
    public const int MostLegs = 9;

    volatile FillMap? _fill = features.Fill > 0 ? new FillMap(regionCount) : null;

    public ReadOnlySpan<Leg> All => legs;

    /// <summary>Those that the log speaks of.</summary>
    public ReadOnlySpan<Leg> Full => _fill is null ? legs : legs.AsSpan(0, FullCount);

    /// <summary>What the new legs have; null: there is none, all are full ones. Any thread.</summary>
    public FillMap? Fill => _fill;

    /// <summary>Where regions that are not in sync are read and written, and what they are recovered from.</summary>
    public Leg Default { get; private set; } = legs[0];

    /// <summary>Every region was in sync, and no write has failed since.</summary>
    public bool IsInSync { get; set; }

    /// <summary>A leg failed since all were last alike, and lacks something now: a failed read alone does no harm.</summary>
    public bool HasFailure { get; private set; }

    /// <summary>
    /// A flush of a full leg failed, a user's or the log's: nobody knows what it lacks. No region becomes clean and no leg well again before the
    /// next resume, and another table is told nothing.
    /// </summary>
    public bool HasLostWrites { get; set; }

    /// <summary>The default leg has what others lack: it stays the default one, dead or not.</summary>
    public bool IsDefaultAhead { get; set; }

    /// <summary>The first leg without errors; null: there is none.</summary>
    public Leg? FirstGood
    {
        get
        {
            foreach (Leg leg in Full)
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
            ReadOnlySpan<Leg> full = Full;
            int at = full.IndexOf(Default);
            for (int i = 0; i < full.Length; i++)
            {
                if (full[at].IsGood)
                    return full[at];
                at = at == 0 ? full.Length - 1 : at - 1;
            }
            return null;
        }
    }

    /// <summary>The leg gets writes to a region that is in sync.</summary>
    public bool Writes(Leg leg, ulong region) => !IsNew(leg) || _fill!.Has(region);

    /// <summary>
    /// A leg gave an error (the kernel's fail_mirror). Only with handle_errors it changes anything: an event for the first of each kind, and
    /// another default leg where it can be had. While the legs differ only the default one is right, so there it stays, dead or not.
    /// </summary>
    public void Fail(Leg leg, LegError error)
    {
        if (IsNew(leg))
        {
            FailNew(leg, error);
            return;
        }
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
    /// <returns>One of them is a full one: something that the mirror should have is not there.</returns>
    public bool FailEach(ulong failed, LegError error)
    {
        bool isLess = (failed & ((1UL << Full.Length) - 1)) != 0;
        for (int i = 0; i < legs.Length; i++)
        {
            if ((failed >> i & 1) != 0)
                Fail(legs[i], error);
        }
        return isLess;
    }

    /// <summary>At a resume: what the log says is out of sync, only the default leg has.</summary>
    public void Resume(IDirtyLog log)
    {
        if (_fill is { } fill)
        {
            fill.Resume();
            foreach (Leg leg in legs.AsSpan(FullCount))
                leg.Reset();
        }
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
        foreach (Leg leg in Full)
            leg.Reset();
        services.RaiseEvent("the mirror is in sync");
    }

    /// <summary>The new legs have everything, durably: from here on they are legs like the others.</summary>
    public void Join()
    {
        _fill = null;
        services.RaiseEvent("the new leg of the mirror has everything");
    }

    /// <summary>The leg is being filled.</summary>
    public bool IsNew(Leg leg) => _fill is not null && Array.IndexOf(legs, leg, FullCount) >= 0;

    /// <summary>[any thread] One letter for each leg.</summary>
    public string Health => string.Concat(legs.Select(leg => leg.Letter));

    int FullCount => legs.Length - features.Fill;

    /// <summary>The mirror is as good as it was: nobody waits, and no other leg is asked to do anything.</summary>
    void FailNew(Leg leg, LegError error)
    {
        leg.Note(error);
        if (_fill!.HasFailed)
            return;
        _fill.Fail();
        services.RaiseEvent("a new leg of the mirror failed while it was filled");
    }
}
