using Ublk.Control;

namespace Ublk.Cli.Mirrors;

/// <summary>The line of a device's live table that is a mirror, and the lines around it.</summary>
sealed class MirrorLine
{
    readonly LineReply[] _table;
    readonly int _at;

    MirrorLine(LineReply[] table, int at)
    {
        _table = table;
        _at = at;
    }

    /// <summary>A sector of it, for messages.</summary>
    public ulong Sector => _table[_at].Start;

    /// <summary>The only one, or the one with a sector.</summary>
    public static async Task<MirrorLine> FindAsync(Session session, string device, ulong? sector, CancellationToken ct)
    {
        var table = await session.AskAboutAsync(device, client => client.TableAsync(device, inactive: false, ct));
        int[] mirrors = [.. Enumerable.Range(0, table.Length).Where(i => table[i].Target == "mirror"
            && (sector is not { } wanted || (wanted >= table[i].Start && wanted < table[i].Start + table[i].SectorCount)))];
        return mirrors switch
        {
            [var at] => new(table, at),
            [] => throw new ControlException(ErrorKind.Failed, $"{device}: {(sector is null ? "no line of its table is a mirror" : $"sector {sector} is in no mirror")}; `ublk-dm table {device}` shows it"),
            _ => throw new ControlException(ErrorKind.Usage, $"{device}: {mirrors.Length} lines of its table are mirrors; say which one: --sector {string.Join(" or ", mirrors.Select(at => table[at].Start))}"),
        };
    }

    /// <summary>The table as its mirrors plan it: this one with a leg more or less, the others so that they keep what they know.</summary>
    public async Task<string> PlanAsync(Session session, string device, string[] plan, CancellationToken ct)
    {
        List<string> lines = [];
        for (int i = 0; i < _table.Length; i++)
        {
            var one = _table[i];
            string[] words = ["plan", .. i == _at ? plan : ["keep"]];
            lines.Add(one.Target != "mirror" ? one.ToDmLine()
                : $"{one.Start} {one.SectorCount} {(await session.Client.MessageAsync(device, new MessageRequest(words, one.Start), ct)).Reply}");
        }

        return string.Join('\n', lines);
    }
}
