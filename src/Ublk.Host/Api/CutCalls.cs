using Ublk.Control;
using Ublk.Host.Cuts;

namespace Ublk.Host.Api;

/// <summary>Snapshots of several origins at one instant.</summary>
sealed class CutCalls(CutService cuts)
{
    public async Task TakeAsync(Call call)
    {
        var request = await call.BodyAsync(ControlJson.Wire.CutRequest);
        await call.ReplyAsync(await cuts.TakeAsync(request, call.CallerId, call.Token), ControlJson.Wire.CutManifest);
    }

    public async Task ReleaseAsync(Call call) =>
        await call.ReplyAsync(await cuts.ReleaseAsync(call.Name, call.Token), ControlJson.Wire.CutManifest);

    public async Task GiveUpAsync(Call call)
    {
        await cuts.GiveUpAsync(call.Name);
        await call.ReplyAsync([]);
    }
}
