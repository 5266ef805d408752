using Ublk.Control;

namespace Ublk.Cli;

/// <summary>Finds the line of a device's live table that a verb for one kind of target means.</summary>
static class TargetLine
{
    /// <summary>The index of the only one of that kind, or of the one with a sector.</summary>
    public static int Find(LineReply[] table, string device, string target, ulong? sector)
    {
        int[] found = [.. Enumerable.Range(0, table.Length).Where(i => table[i].Target == target
            && (sector is not { } wanted || (wanted >= table[i].Start && wanted < table[i].Start + table[i].SectorCount)))];
        return found switch
        {
            [var at] => at,
            [] => throw new ControlException(
                ErrorKind.Failed, $"{device}: {(sector is null ? $"no line of its table is a {target}" : $"sector {sector} is in no {target}")}; `ublk-dm table {device}` shows it"),
            _ => throw new ControlException(
                ErrorKind.Usage, $"{device}: {found.Length} lines of its table are a {target}; say which one: --sector {string.Join(" or ", found.Select(at => table[at].Start))}"),
        };
    }

    /// <summary>A sector of it, for messages.</summary>
    public static async Task<ulong> SectorAsync(Session session, string device, string target, ulong? sector, CancellationToken ct)
    {
        var table = await session.AskAboutAsync(device, client => client.TableAsync(device, inactive: false, ct));
        return table[Find(table, device, target, sector)].Start;
    }
}
