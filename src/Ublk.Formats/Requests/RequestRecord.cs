using System.Runtime.InteropServices;

namespace Ublk.Formats.Requests;

/// <summary>
/// One record of a request log (docs/format/request-log.md). In memory it is what it is in a file: 48 bytes, little-endian, as the hosts are that
/// we run on.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = ByteCount)]
public readonly record struct RequestRecord
{
    /// <summary>Length in bytes.</summary>
    public const int ByteCount = 48;

    /// <summary>What it says.</summary>
    [field: FieldOffset(0)]
    public RecordKind Kind { get; init; }

    /// <summary>The operation; of a gap that of the requests that are lost.</summary>
    [field: FieldOffset(1)]
    public RecordOp Op { get; init; }

    /// <summary>Of a request: modifiers.</summary>
    [field: FieldOffset(2)]
    public RecordFlags Flags { get; init; }

    /// <summary>Of a request: 0, or the Linux errno it ended with, positive.</summary>
    [field: FieldOffset(4)]
    public ushort Error { get; init; }

    /// <summary>Of <see cref="RecordKind.Filter"/>: the operations that are recorded from here on.</summary>
    [field: FieldOffset(6)]
    public RecordOps Ops { get; init; }

    /// <summary>
    /// Counts the requests of a target in the order of their arrival, from 0, without a hole; of a gap that of the first that is lost, of a filter the
    /// next one.
    /// </summary>
    [field: FieldOffset(8)]
    public ulong Sequence { get; init; }

    /// <summary>When it arrived, in nanoseconds since 1970 UTC; of a gap the first that is lost.</summary>
    [field: FieldOffset(16)]
    public ulong UnixNs { get; init; }

    /// <summary>First sector of the target; of a gap the first of all that are lost.</summary>
    [field: FieldOffset(24)]
    public ulong Sector { get; init; }

    /// <summary>Number of sectors; of a gap up to the last of all that are lost.</summary>
    [field: FieldOffset(32)]
    public ulong SectorCount { get; init; }

    /// <summary>Of a request: nanoseconds from its arrival until it was done.</summary>
    [field: FieldOffset(40)]
    public ulong LatencyNs { get; init; }

    /// <summary>Of a gap: how many requests are lost.</summary>
    public ulong LostCount
    {
        get => LatencyNs;
        init => LatencyNs = value;
    }

    /// <summary>The sector behind the last.</summary>
    public ulong End => Sector + SectorCount;

    /// <summary>Records are lost here: a gap or a dirty range.</summary>
    public bool IsGap => Kind is RecordKind.Gap or RecordKind.Dirty;
}
