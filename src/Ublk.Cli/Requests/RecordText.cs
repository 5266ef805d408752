using System.Globalization;
using System.Text;
using Ublk.Formats.Requests;

namespace Ublk.Cli.Requests;

/// <summary>Records as lines for people: time, number, operation, sectors, latency, flags, error. A gap is a line of its own.</summary>
static class RecordText
{
    public static void Append(StringBuilder text, in RequestRecord record)
    {
        if (record.Kind == RecordKind.Request) AppendRequest(text, record);
        else if (record.IsGap) AppendGap(text, record);
        else if (record.Ops == RecordOps.None) text.Append(CultureInfo.InvariantCulture, $"--- off from request {record.Sequence} on\n");
        else text.Append(CultureInfo.InvariantCulture, $"--- recording {OpLetters.Of(record.Ops)}, sectors {record.Sector}+{record.SectorCount}, from request {record.Sequence} on\n");
    }

    static void AppendRequest(StringBuilder text, in RequestRecord record)
    {
        var time = DateTimeOffset.UnixEpoch.AddTicks((long)(record.UnixNs / 100)).ToLocalTime();
        text.Append(CultureInfo.InvariantCulture, $"{time:HH:mm:ss.ffffff} {record.Sequence} {OpLetters.Of(record.Op)} {record.Sector}+{record.SectorCount} {record.LatencyNs / 1e6:F3} ms");
        if (record.Flags != RecordFlags.None) text.Append(' ').Append(NamesOf(record.Flags));
        if (record.Error != 0) text.Append(' ').Append(ErrorName(record.Error));
        text.Append('\n');
    }

    static void AppendGap(StringBuilder text, in RequestRecord record)
    {
        text.Append(CultureInfo.InvariantCulture, $"... {record.LostCount} records lost ({OpLetters.Of(record.Op)}, from {record.Sequence} on)");
        if (record.Kind == RecordKind.Dirty)
            text.Append(CultureInfo.InvariantCulture, $": everything in sectors {record.Sector}+{record.SectorCount} may have changed");
        text.Append('\n');
    }

    /// <summary><c>fua,meta</c></summary>
    public static string NamesOf(RecordFlags flags) => string.Join(',', new[]
    {
        flags.HasFlag(RecordFlags.Fua) ? "fua" : null,
        flags.HasFlag(RecordFlags.NoUnmap) ? "nounmap" : null,
        flags.HasFlag(RecordFlags.Metadata) ? "meta" : null,
    }.OfType<string>());

    /// <summary>Names of what block devices answer; others as a number.</summary>
    public static string ErrorName(ushort errno) => errno switch
    {
        5 => "EIO",
        6 => "ENXIO",
        19 => "ENODEV",
        22 => "EINVAL",
        28 => "ENOSPC",
        30 => "EROFS",
        61 => "ENODATA",
        84 => "EILSEQ",
        95 => "EOPNOTSUPP",
        110 => "ETIMEDOUT",
        _ => $"errno {errno}",
    };
}
