namespace Ublk.Targets.Mirror;

/// <summary>Chooses among the legs without errors. [W]</summary>
sealed class ReadBalancer(LegSet legs, ReadBalance balance)
{
    /// <summary>An average over about so many reads: a leg that was slow once is tried again soon.</summary>
    const int AverageOver = 8;

    int _turn;

    /// <summary>Null: there is none without errors.</summary>
    public Leg? Pick(ulong sector) => balance switch
    {
        ReadBalance.RoundRobin => Next(),
        ReadBalance.Latency => Fastest(),
        ReadBalance.Nearest => Nearest(sector),
        _ => legs.ForReading,
    };

    /// <summary>A read of the leg begins.</summary>
    public static void Begin(Leg leg, ulong sector, ulong sectorCount)
    {
        leg.Reads++;
        leg.ReadsInFlight++;
        leg.NextSector = sector + sectorCount;
    }

    /// <summary>It ended, after so long.</summary>
    public static void End(Leg leg, long tookNs)
    {
        leg.ReadsInFlight--;
        leg.AverageReadNs += (tookNs - leg.AverageReadNs) / AverageOver;
    }

    Leg? Next()
    {
        ReadOnlySpan<Leg> all = legs.Full;
        for (int i = 0; i < all.Length; i++)
        {
            _turn = _turn + 1 < all.Length ? _turn + 1 : 0;
            if (all[_turn].IsGood)
                return all[_turn];
        }
        return null;
    }

    Leg? Fastest()
    {
        Leg? fastest = null;
        foreach (Leg leg in legs.Full)
        {
            if (leg.IsGood && (fastest is null || Expected(leg) < Expected(fastest)))
                fastest = leg;
        }
        return fastest;

        static long Expected(Leg leg) => (leg.AverageReadNs + 1) * (leg.ReadsInFlight + 1);
    }

    Leg? Nearest(ulong sector)
    {
        Leg? nearest = null;
        foreach (Leg leg in legs.Full)
        {
            if (leg.IsGood && (nearest is null || Distance(leg) < Distance(nearest)))
                nearest = leg;
        }
        return nearest;

        // At the same distance, as of those that have read nothing yet, the one with less to do.
        UInt128 Distance(Leg leg) =>
            ((UInt128)(leg.NextSector > sector ? leg.NextSector - sector : sector - leg.NextSector) << 32) + (uint)leg.ReadsInFlight;
    }
}
