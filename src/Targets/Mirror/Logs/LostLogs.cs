namespace Ublk.Targets.Mirror;

/// <summary>
/// Logs that say of regions that they are clean and may be wrong, because they could not be written when it mattered; by the word of their device, as
/// long as the process lives. The next mirror that has such a log believes nothing of it. Any thread.
/// </summary>
sealed class LostLogs
{
    readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public bool Has(BackingDevice log)
    {
        lock (_names)
            return _names.Contains(log.Word);
    }

    /// <summary>It is lost, or is what somebody knows again.</summary>
    public void Set(BackingDevice log, bool isLost)
    {
        lock (_names)
        {
            if (isLost)
                _names.Add(log.Word);
            else
                _names.Remove(log.Word);
        }
    }
}
