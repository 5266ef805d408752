using Ublk.Control;

namespace Ublk.Cli.Requests;

/// <summary>Which line of a device's table logs requests.</summary>
static class RequestLogLine
{
    /// <summary>A sector of it: of the only one, or of the one with a sector.</summary>
    public static async Task<ulong> FindAsync(Session session, string device, ulong? sector, CancellationToken ct)
    {
        var table = await session.AskAboutAsync(device, client => client.TableAsync(device, inactive: false, ct));
        LineReply[] logs = [.. table.Where(line => line.Target == "reqlog" && (sector is not { } wanted || (wanted >= line.Start && wanted < line.Start + line.SectorCount)))];
        return logs switch
        {
            [var only] => only.Start,
            [] => throw new ControlException(ErrorKind.Failed, $"{device}: {(sector is null ? "no line of its table is a reqlog" : $"sector {sector} is in no reqlog")}, so its requests are not logged; "
                + $"`ublk-dm table {device}` shows it, and a reqlog line over a device passes everything through"),
            _ => throw new ControlException(ErrorKind.Usage, $"{device}: {logs.Length} lines of its table are reqlogs; say which one: --sector {string.Join(" or ", logs.Select(line => line.Start))}"),
        };
    }
}
