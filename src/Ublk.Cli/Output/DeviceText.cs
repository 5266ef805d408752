using Ublk.Control;

namespace Ublk.Cli.Output;

/// <summary>A device for people.</summary>
static class DeviceText
{
    public static string OneLine(DeviceReply device) => device.Node is null
        ? $"{device.Name}: no table yet; load one and resume it"
        : $"{device.Name}: {device.Link} ({device.Node}), {SizeText.OfSectors(device.SectorCount)}";

    public static string State(DeviceReply device) =>
        (device.Suspended ? "suspended" : device.HasLive ? "active" : "no table") + (device.ReadOnly ? ", read-only" : "");

    public static string Tables(DeviceReply device) => (device.HasLive, device.HasInactive) switch
    {
        (true, true) => "live and inactive",
        (true, false) => "live",
        (false, true) => "inactive",
        (false, false) => "none",
    };

    public static void Write(TextWriter output, DeviceReply device)
    {
        Line(output, "Name", device.Name);
        if (device.Uuid is { } uuid) Line(output, "UUID", uuid);
        Line(output, "State", State(device));
        Line(output, "Tables", Tables(device));
        if (device.HasLive) Line(output, "Size", $"{SizeText.OfSectors(device.SectorCount)} ({device.SectorCount} sectors, {device.TargetCount} table lines)");
        Line(output, "Event number", device.EventNumber.ToString());
        if (device.Node is { } node) Line(output, "Node", $"{device.Link} -> {node} ({device.Major}:{device.Minor})");
        if (device.Ublk is { } ublk) WriteUblk(output, ublk);
        foreach (var backing in device.Backing)
            Line(output, "Stands on", $"{backing.Path} ({backing.Device}), {SizeText.OfSectors(backing.SectorCount)}, {backing.AccessMode}");
        foreach (string user in device.Users) Line(output, "Used by", $"device {user}");
        foreach (string holder in device.Holders ?? []) Line(output, "In use", holder);
        output.WriteLine();
    }

    static void WriteUblk(TextWriter output, UblkFacts ublk)
    {
        Line(output, "Queues", $"{ublk.Queues}, {ublk.Depth} requests each, up to {SizeText.OfSectors((ulong)ublk.MaxIoBytes / 512)} a request, on workers {string.Join(' ', ublk.Workers)}");
        Line(output, "Data", ublk.ModeReason.Length == 0 ? ublk.DataMode : $"{ublk.DataMode}: {ublk.ModeReason}");
        if (ublk.DataMode != "copy")
            Line(output, "Copied", $"{ublk.Copied} requests went through the daemon's memory, {ublk.Failed} of them because a disk refused a registered buffer");
        Line(output, "Features", string.Join(' ', ublk.Features));
    }

    static void Line(TextWriter output, string name, string text) => output.WriteLine($"{name + ":",-14} {text}");
}
