using System.Globalization;
using System.Text;

namespace Ublk.Targets.Mirror;

sealed partial class MirrorTarget
{
    public override ValueTask<string> MessageAsync(string[] words, CancellationToken ct) => words switch
    {
        ["legs"] => new(string.Join('\n', legs.All.ToArray().Select((leg, i) => $"{i}\t{leg.Device.Word}\t{leg.Device}"))),
        ["plan", ..] => new(new LegPlan(legs, log, _features, words).Line()),
        ["check"] => CheckAsync(repairs: false),
        ["check", "repair"] => CheckAsync(repairs: true),
        ["check", "stop"] => StopCheckAsync(),
        ["check", "report"] => ReportAsync(),
        [MirrorFeatures.ResyncRateWord, var rate] => SetResyncAsync(_features with { ResyncRate = (uint)Number(words, rate, 0, uint.MaxValue) }),
        [MirrorFeatures.ResyncParallelWord, var regions] =>
            SetResyncAsync(_features with { ResyncParallel = (int)Number(words, regions, 1, MirrorFeatures.MostParallel) }),
        _ => throw new TableException(1, $"'{string.Join(' ', words)}' is no message to a mirror; there are legs, check [repair|stop|report], {LegPlan.Syntax}, "
            + $"{MirrorFeatures.ResyncRateWord} <KiB/s or 0> and {MirrorFeatures.ResyncParallelWord} <regions>"),
    };

    async ValueTask<string> CheckAsync(bool repairs)
    {
        if (legs.Full.Length < 2)
            throw new TableException(0, "the mirror has one leg until the new one is filled: there is nothing to compare");
        bool started = await _io!.InvokeAsync<bool>(() => _shard!.StartCheck(repairs));
        return started ? "" : throw new TableException(0, "a check is running; wait for it, or end it with check stop");
    }

    async ValueTask<string> StopCheckAsync()
    {
        await _io!.InvokeAsync<Errno>(() =>
        {
            _shard!.StopCheck();
            return Errno.None;
        });
        return "";
    }

    /// <summary>For programs: state, regions done and all, not compared, given up, unreadable, repaired, not repaired, sectors that differ; then a range a line.</summary>
    async ValueTask<string> ReportAsync()
    {
        CheckReport check = (await _io!.InvokeAsync<MirrorState>(() => _shard!.State)).Check;
        DifferentRange[] ranges = await _io!.InvokeAsync<DifferentRange[]>(() => _shard!.CheckRanges());
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Word(check.State)} {check.RegionsDone} {log.RegionCount} {check.NotInSync} {check.Busy} ");
        text.Append(CultureInfo.InvariantCulture, $"{check.Unreadable} {check.Repaired} {check.NotRepaired} {check.DifferentSectors}");
        foreach (DifferentRange range in ranges)
            text.Append(CultureInfo.InvariantCulture, $"\n{range.Sector} {range.SectorCount} {legs.All[range.Leg].Device}");
        return text.ToString();
    }

    async ValueTask<string> SetResyncAsync(MirrorFeatures wanted)
    {
        _features = wanted;
        await _io!.InvokeAsync<Errno>(() =>
        {
            _shard!.SetResync(wanted.ResyncRate, wanted.ResyncParallel);
            return Errno.None;
        });
        return "";
    }

    static string Word(CheckState state) => state switch
    {
        CheckState.None => "none",
        CheckState.Running => "running",
        CheckState.Done => "done",
        CheckState.Stopped => "stopped",
        _ => "too-few-legs",
    };

    static ulong Number(string[] words, string text, ulong min, ulong max) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number >= min && number <= max ? number
        : throw new TableException(2, $"'{text}' is no number from {min} to {max}", words[0]);
}
