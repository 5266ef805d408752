using Ublk.Formats.Requests;

namespace Ublk.Cli.Requests;

/// <summary>Which records somebody wants to see.</summary>
/// <param name="Ops">Of these operations; null: all.</param>
/// <param name="Range">Of requests that touch these sectors, first and number; null: all. A flush touches all.</param>
/// <param name="WantsDirty">What is lost is told as ranges that may have changed.</param>
sealed record RecordFilter(RecordOps? Ops, (ulong First, ulong Count)? Range, bool WantsDirty)
{
    /// <summary>The words of a stream message.</summary>
    public string[] Words(bool follows)
    {
        List<string> words = ["log"];
        if (follows) words.Add("follow");
        if (Ops is { } ops) words.Add($"op={OpLetters.Of(ops)}");
        if (Range is var (first, count)) words.Add($"range={first}+{count}");
        if (WantsDirty) words.Add("overflow=dirty");
        return [.. words];
    }

    /// <summary>For records that come from a file.</summary>
    public bool Passes(in RequestRecord record)
    {
        if (record.Kind == RecordKind.Filter) return true;
        if (Ops is { } ops && ((int)ops >> (int)record.Op & 1) == 0) return false;
        return record.Op == RecordOp.Flush || Range is not var (first, count) || (record.Sector < first + count && record.End > first);
    }
}
