using Ublk.Control;
using Ublk.Formats.LogWrites;

namespace Ublk.Cli.Replaying;

/// <summary>Which entries of a log are meant.</summary>
/// <param name="Limit">So many from the start; null: no limit.</param>
/// <param name="Until">Up to this mark and with it; null: no mark ends it.</param>
sealed record ReplayRange(ulong? Limit, string? Until)
{
    /// <summary>Marks that are told when the one that is wanted is not there.</summary>
    const int MostMarks = 8;

    /// <summary>The range's entries, one after the other; what is wrong with the log is told with its path.</summary>
    public IEnumerable<LogWritesEntry> Of(LogWritesReader reader, string path)
    {
        var marks = new List<string>();
        while (Next())
        {
            var entry = reader.Entry;
            yield return entry;
            if (!entry.Is(LogWritesFlags.Mark)) continue;
            if (entry.Mark == Until) yield break;
            marks.Add(entry.Mark);
        }

        if (Until is not null && (Limit is null || reader.Super.EntryCount <= Limit))
        {
            string there = marks.Count == 0 ? "it has none" : $"it has {string.Join(", ", marks.Take(MostMarks))}{(marks.Count > MostMarks ? $" and {marks.Count - MostMarks} more" : "")}";
            throw new ControlException(ErrorKind.Failed, $"{path}: there is no mark '{Until}'; {there}");
        }

        bool Next()
        {
            if (reader.ReadCount >= Limit) return false;
            try
            {
                return reader.Next();
            }
            catch (InvalidDataException e)
            {
                throw new ControlException(ErrorKind.Failed, $"{path}: {e.Message}. What stands before it can be had: --limit {reader.ReadCount}", e);
            }
        }
    }
}
