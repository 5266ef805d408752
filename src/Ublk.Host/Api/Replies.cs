using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Api;

/// <summary>The engine's facts as messages.</summary>
static class Replies
{
    public static DeviceReply Of(DeviceInfo info, string linkFolder, IReadOnlyList<string>? holders = null) => new(
        info.Name,
        info.IsSuspended,
        info.IsReadOnly,
        info.HasLive,
        info.HasInactive,
        info.EventNumber,
        info.TargetCount,
        info.SectorCount,
        [.. info.Backing.Select(backing => new BackingReply(backing.Device, backing.Path, backing.AccessMode, backing.SectorCount))],
        info.InProcessUsers,
        info.Uuid,
        info.Major,
        info.Minor,
        info.Node,
        info.Node is null ? null : $"{linkFolder}/{info.Name}",
        info.Facts is { } facts
            ? new UblkFacts(
                facts.DeviceId, facts.Features, facts.DataMode, facts.Queues, facts.Depth, facts.MaxIoBytes, facts.Workers,
                facts.ModeReason, facts.Copied, facts.Failed)
            : null,
        holders);

    public static LineReply[] Table(IReadOnlyList<LineStatus> lines) =>
        [.. lines.Select(line => new LineReply(line.Start, line.SectorCount, line.Target, line.Params))];

    public static LineReply[] Status(IReadOnlyList<LineStatus> lines) =>
        [.. lines.Select(line => new LineReply(line.Start, line.SectorCount, line.Target, line.Params, [.. line.Fields.Select(Of)]))];

    public static IReadOnlyList<StepReply> Of(IEnumerable<StepTime> steps) =>
        [.. steps.Select(step => new StepReply(step.Step, Math.Round(step.Elapsed.TotalMilliseconds, 3)))];

    static FieldReply Of(StatusField field) => new(field.Name, field.Text, field.Value, field.Unit, field.Advice);
}
