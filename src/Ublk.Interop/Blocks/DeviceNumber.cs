namespace Ublk.Interop;

/// <summary>A block device's number.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary><c>major:minor</c>.</summary>
    public override string ToString() => $"{Major}:{Minor}";

    /// <summary>Reads <c>major:minor</c>.</summary>
    public static bool TryParse(string word, out DeviceNumber number)
    {
        int colon = word.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && uint.TryParse(word.AsSpan(0, colon), out uint major) && uint.TryParse(word.AsSpan(colon + 1), out uint minor))
        {
            number = new DeviceNumber(major, minor);
            return true;
        }
        number = default;
        return false;
    }
}
