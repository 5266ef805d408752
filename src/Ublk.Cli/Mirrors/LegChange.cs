using Ublk.Control;

namespace Ublk.Cli.Mirrors;

/// <summary>Puts another table under a mirror's users: the target says which, since it knows its legs.</summary>
static class LegChange
{
    public static async Task RunAsync(Session session, string device, ulong? sector, string[] plan, CancellationToken ct)
    {
        var line = await MirrorLine.FindAsync(session, device, sector, ct);
        var reply = (await session.Client.ListAsync(ct)).First(one => one.Name == device);
        if (reply.Suspended)
            throw new ControlException(ErrorKind.Failed, $"{device}: suspended; resume it first");
        if (reply.HasInactive)
            throw new ControlException(ErrorKind.Failed, $"{device}: another table is loaded and waits for a resume; resume or clear it first");
        string table = line.TableWith((await session.Client.MessageAsync(device, new MessageRequest(["plan", .. plan], line.Sector), ct)).Reply);
        await session.Client.LoadAsync(device, new LoadRequest(table, reply.ReadOnly), ct);
        // From here on to the end, or users would wait for ever. With noflush: writes that a failed leg holds go to the new table.
        try
        {
            await session.Client.SuspendAsync(device, new SuspendRequest(NoFlush: true), CancellationToken.None);
            await session.Client.ResumeAsync(device, CancellationToken.None);
        }
        catch (ControlException)
        {
            await session.Client.ClearAsync(device, CancellationToken.None);
            await session.Client.ResumeAsync(device, CancellationToken.None);
            throw;
        }
    }
}
