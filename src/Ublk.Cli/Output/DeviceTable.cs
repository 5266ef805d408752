using Spectre.Console;
using Ublk.Control;

namespace Ublk.Cli.Output;

/// <summary>The list of devices.</summary>
static class DeviceTable
{
    public static void Write(TextWriter output, IReadOnlyList<DeviceReply> devices)
    {
        var table = PlainTable.New("NAME", "SIZE", "STATE", "TABLES", "NODE", "STANDS ON");
        foreach (var device in devices)
        {
            PlainTable.Row(
                table,
                device.Name,
                device.HasLive ? SizeText.OfSectors(device.SectorCount) : "-",
                DeviceText.State(device),
                DeviceText.Tables(device),
                device.Node ?? "-",
                string.Join(", ", device.Backing.Select(backing => backing.Path)));
        }

        PlainTable.Write(output, table);
    }
}
