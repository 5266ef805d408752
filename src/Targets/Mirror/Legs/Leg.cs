namespace Ublk.Targets.Mirror;

/// <summary>One copy of the mirror: a part of a device, and what went wrong there. [W]; the letter may be read by any thread.</summary>
sealed class Leg(BackingDevice device, ulong first)
{
    volatile LegError _errors;

    public BackingDevice Device => device;

    /// <summary>The device's sector where the leg begins.</summary>
    public ulong First => first;

    /// <summary>Errors since all legs were last alike.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>Reads that went to it since the load.</summary>
    public long Reads { get; set; }

    public int ReadsInFlight { get; set; }

    /// <summary>How long reads take, of late.</summary>
    public long AverageReadNs { get; set; }

    /// <summary>Where the last read ended.</summary>
    public ulong NextSector { get; set; }

    /// <summary>The same place on the same device.</summary>
    public bool IsSame(Leg other) => other.Device == device && other.First == first;

    public bool IsGood => _errors == LegError.None;

    public LegError Errors => _errors;

    /// <summary>As the kernel's device_status_char.</summary>
    public char Letter => _errors switch
    {
        LegError.None => 'A',
        var errors when errors.HasFlag(LegError.Flush) => 'F',
        var errors when errors.HasFlag(LegError.Write) => 'D',
        var errors when errors.HasFlag(LegError.Sync) => 'S',
        _ => 'R',
    };

    /// <summary>Counts an error; true when it is the first of its kind.</summary>
    public bool Note(LegError error)
    {
        ErrorCount++;
        bool isNew = (_errors & error) == 0;
        _errors |= error;
        return isNew;
    }

    public void Reset()
    {
        _errors = LegError.None;
        ErrorCount = 0;
    }

    /// <summary>As a table prints it.</summary>
    public override string ToString() => $"{device.Word} {first}";
}
