using Ublk.Formats.Requests;

namespace Ublk.Cli.Requests;

/// <summary>A record as <c>log -j</c> prints it, an object a line. What a kind does not have is left out.</summary>
/// <param name="Kind">request, gap, dirty or filter.</param>
/// <param name="Sequence">Its number; of a gap that of the first that is lost, of a filter the next one.</param>
/// <param name="UnixNs">When it arrived.</param>
/// <param name="Op">r, w, f, d or z; of a filter several, or - for off.</param>
/// <param name="Sector">First sector.</param>
/// <param name="SectorCount">Number of sectors.</param>
/// <param name="LatencyNs">Of a request.</param>
/// <param name="Flags">Of a request, if it has some: fua, nounmap, meta.</param>
/// <param name="Errno">Of a request: 0 or the error.</param>
/// <param name="Lost">Of a gap: how many.</param>
sealed record RecordReply(
    string Kind, ulong Sequence, ulong UnixNs, string Op, ulong Sector, ulong SectorCount, ulong? LatencyNs, string? Flags, ushort? Errno, ulong? Lost)
{
    public static RecordReply Of(in RequestRecord record)
    {
        bool isRequest = record.Kind == RecordKind.Request;
        return new(
            record.Kind switch
            {
                RecordKind.Request => "request",
                RecordKind.Gap => "gap",
                RecordKind.Dirty => "dirty",
                RecordKind.Filter => "filter",
                _ => $"{(int)record.Kind}",
            },
            record.Sequence, record.UnixNs, record.Kind == RecordKind.Filter ? OpLetters.Of(record.Ops) : OpLetters.Of(record.Op).ToString(),
            record.Sector, record.SectorCount, isRequest ? record.LatencyNs : null,
            isRequest && record.Flags != RecordFlags.None ? RecordText.NamesOf(record.Flags) : null, isRequest ? record.Error : null,
            record.IsGap ? record.LostCount : null);
    }
}
