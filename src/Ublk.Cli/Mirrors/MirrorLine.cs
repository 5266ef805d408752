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
        return new(table, TargetLine.Find(table, device, "mirror", sector));
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
