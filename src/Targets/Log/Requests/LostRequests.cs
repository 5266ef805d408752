using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>What somebody who was too slow has to be told: a gap for each operation of which records were lost. One thread at a time; allocates nothing.</summary>
sealed class LostRequests(RequestLogFaults faults)
{
    readonly RequestRecord[] _gaps = new RequestRecord[OpCount];

    const int OpCount = 5;

    /// <summary>So many gaps.</summary>
    public int Count { get; private set; }

    /// <summary>A request's record is lost, or a gap's.</summary>
    public void Add(in RequestRecord record)
    {
        ref RequestRecord gap = ref _gaps[(int)record.Op];
        ulong count = record.IsGap ? record.LostCount : 1;
        if (gap.Kind == 0)
        {
            Count++;
            gap = record with { Kind = RecordKind.Gap, Flags = RecordFlags.None, Error = 0, LostCount = count };
            return;
        }
        ulong first = Math.Min(gap.Sector, record.Sector), end = Math.Max(gap.End, record.End);
        if ((faults & RequestLogFaults.FirstRangeOnly) != 0)
            (first, end) = (gap.Sector, gap.End);
        gap = gap with
        {
            Sequence = Math.Min(gap.Sequence, record.Sequence),
            UnixNs = Math.Min(gap.UnixNs, record.UnixNs),
            Sector = first,
            SectorCount = end - first,
            LostCount = gap.LostCount + count,
        };
    }

    /// <summary>Takes the gap that begins first; only when there is one.</summary>
    public RequestRecord Take()
    {
        int first = -1;
        for (int i = 0; i < OpCount; i++)
        {
            if (_gaps[i].Kind != 0 && (first < 0 || _gaps[i].Sequence < _gaps[first].Sequence))
                first = i;
        }
        RequestRecord gap = _gaps[first];
        _gaps[first] = default;
        Count--;
        return gap;
    }
}
