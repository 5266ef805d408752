using System.Globalization;

namespace Ublk.Engine;

/// <summary>The arguments of one line while its target is constructed; owns what was opened until the table takes it over.</summary>
sealed class LineCursor(TableText line, LoadOptions options, TableDevices devices) : TableLine
{
    int _position;
    string? _what;

    /// <summary>What the line opened, in order.</summary>
    public List<OpenedDevice> Opened { get; } = [];

    public override ulong? SectorCount => line.SectorCount;

    public override int Remaining => line.Arguments.Length - _position;

    public override bool Mentions(string word) => line.Arguments.AsSpan(_position).Contains(word, StringComparer.OrdinalIgnoreCase);

    public override LoadOptions Options => options;

    public override string Word(string what)
    {
        _what = what;
        if (Remaining == 0)
        {
            _position++;
            throw Error("is missing");
        }
        return line.Arguments[_position++];
    }

    public override ulong Number(string what, ulong min = 0, ulong max = ulong.MaxValue)
    {
        string word = Word(what);
        if (!ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
            throw Error($"'{word}' is not a decimal number");
        if (value < min || value > max)
            throw Error(max == ulong.MaxValue ? $"{value} is too small; at least {min}" : $"{value} is out of range; {min} to {max}");
        return value;
    }

    public override async ValueTask<BackingDevice> DeviceAsync(string what, Claim claim, CancellationToken ct, ulong? createSectors = null)
    {
        string word = Word(what);
        try
        {
            Opened.AddRange(await devices.OpenAsync(word, claim, createSectors, options.Force, ct));
            return Opened[^1].Device;
        }
        catch (BackingException e)
        {
            throw Error($"{word}: {e.Message}");
        }
    }

    public override async ValueTask<BackingDevice> StoreAsync(
        string what, Claim claim, int headBytes, Func<ReadOnlyMemory<byte>, bool> isOwn, CancellationToken ct, ulong? createSectors = null)
    {
        BackingDevice device = await DeviceAsync(what, claim, ct, createSectors);
        OpenedDevice opened = Opened[^1];
        if (options.Force || (opened.Created && device is LeafDevice))
            return device;
        try
        {
            await devices.CheckHoldsNothingAsync(device, headBytes, isOwn, ct);
            return device;
        }
        catch (BackingException e)
        {
            throw Error($"{opened.Path}: {e.Message}");
        }
    }

    public override TableException Error(string why) => new(_position, why, _what);

    public override void End()
    {
        if (Remaining == 0)
            return;
        string extra = line.Arguments[_position++];
        _what = null;
        throw Error($"'{extra}' is one argument too many");
    }
}
