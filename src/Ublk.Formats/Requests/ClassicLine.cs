using System.Globalization;
using System.Text;

namespace Ublk.Formats.Requests;

/// <summary>
/// A record as programs that copy a disk in use read it: <c>rw block size</c>, a line each. rw is r or w, block the first sector (512 bytes), size a
/// number of bytes. What changes sectors is a write, whatever it is called; a flush is no line.
/// </summary>
public static class ClassicLine
{
    const ulong SectorBytes = 512;

    /// <summary>
    /// Appends the line of a record, if it has one. A request that failed may have changed something, and is a line. Of what is lost, reads are none,
    /// and everything else is one write over the whole range.
    /// </summary>
    public static void Append(StringBuilder text, in RequestRecord record)
    {
        bool isRead = record.Op == RecordOp.Read;
        if (record.Kind == RecordKind.Filter || record.Op == RecordOp.Flush || (record.IsGap && isRead))
            return;
        text.Append(CultureInfo.InvariantCulture, $"{(isRead ? 'r' : 'w')} {record.Sector} {record.SectorCount * SectorBytes}\n");
    }
}
