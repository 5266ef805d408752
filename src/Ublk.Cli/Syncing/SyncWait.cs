using Ublk.Control;

namespace Ublk.Cli.Syncing;

/// <summary>Waits for the mirrors of a device.</summary>
static class SyncWait
{
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits and shows how far they are: as a bar on a terminal, as lines elsewhere, not at all with JSON.</summary>
    public static Task<uint> ShowAsync(Session session, string device, CancellationToken ct)
    {
        var error = session.Parsed.InvocationConfiguration.Error;
        if (session.Json) return RunAsync(session, device, _ => { }, ct);
        return SyncBar.IsPossible(error)
            ? SyncBar.ShowAsync(error, device, report => RunAsync(session, device, report, ct))
            : RunAsync(session, device, SyncText.Lines(error, device), ct);
    }

    /// <summary>Returns the device's event number once all are in sync; throws when they will not be.</summary>
    /// <param name="session">Whom to ask.</param>
    /// <param name="device">Its name.</param>
    /// <param name="report">Told at each look how far they are.</param>
    /// <param name="ct">Stops waiting.</param>
    public static async Task<uint> RunAsync(Session session, string device, Action<MirrorSync> report, CancellationToken ct)
    {
        var (number, sync) = await session.AskAboutAsync(device, _ => LookAsync(session, device, ct));
        bool wasStuck = false;
        while (!sync.IsDone)
        {
            // The second look in a row that says so counts: a resume, or the start of a recovery, may fall between two facts of one look.
            if (sync.Obstacle is { } why && wasStuck) throw new ControlException(ErrorKind.Failed, why);
            wasStuck = sync.Obstacle is not null;
            if (!wasStuck) report(sync);
            await Task.Delay(s_pause, ct);
            (number, sync) = await LookAgainAsync(session, device, ct);
        }

        report(sync);
        return number;
    }

    // The number first: what happens after it is seen by a wait for it.
    static async Task<(uint Number, MirrorSync Sync)> LookAsync(Session session, string device, CancellationToken ct)
    {
        // Not `info`, which looks for users of the device in every process.
        var reply = Array.Find(await session.Client.ListAsync(ct), one => one.Name == device);
        var lines = await session.Client.StatusAsync(device, inactive: false, ct);
        return (reply?.EventNumber ?? 0, MirrorSync.Of(device, lines, reply?.Suspended ?? false));
    }

    static async Task<(uint Number, MirrorSync Sync)> LookAgainAsync(Session session, string device, CancellationToken ct)
    {
        try
        {
            return await LookAsync(session, device, ct);
        }
        catch (ControlException e) when (e.Kind is ErrorKind.NotFound or ErrorKind.NotRunning)
        {
            string what = e.Kind == ErrorKind.NotFound ? $"{device}: the device was removed" : $"{device}: ublk-dmd ended";
            throw new ControlException(e.Kind, $"{what} before it was in sync; create it again and wait again", e);
        }
    }
}
