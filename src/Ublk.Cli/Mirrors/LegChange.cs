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

        string table = await line.PlanAsync(session, device, plan, ct);
        bool isDone = false;
        try
        {
            await session.Client.LoadAsync(device, new LoadRequest(table, reply.ReadOnly), ct);
            // Not to be interrupted any more. With noflush: writes that a failed leg holds go to the new table.
            await session.Client.SuspendAsync(device, new SuspendRequest(NoFlush: true), CancellationToken.None);
            // Nothing moves now: what was planned may be wrong if a leg failed, or got in sync, meanwhile.
            if (await line.PlanAsync(session, device, plan, CancellationToken.None) != table)
                throw new ControlException(ErrorKind.Failed, $"{device}: its legs changed at that very moment; nothing was done, try again");
            await session.Client.ResumeAsync(device, CancellationToken.None);
            isDone = true;
        }
        finally
        {
            if (!isDone) await TakeBackAsync(session, device);
        }
    }

    static async Task TakeBackAsync(Session session, string device)
    {
        try
        {
            await session.Client.ClearAsync(device, CancellationToken.None);
        }
        finally
        {
            await session.Client.ResumeAsync(device, CancellationToken.None);
        }
    }
}
