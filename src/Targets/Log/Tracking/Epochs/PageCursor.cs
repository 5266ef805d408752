namespace Ublk.Targets.Log;

/// <summary>Goes once through the pages of a set that have a mark, ascending.</summary>
abstract class PageCursor
{
    /// <summary>The page it stands on, after <see cref="Next"/> said true.</summary>
    public abstract int Page { get; }

    /// <summary>Its words, until the next <see cref="Next"/>.</summary>
    public abstract ReadOnlySpan<ulong> Words { get; }

    /// <summary>Goes on; false: at the end.</summary>
    public abstract bool Next();
}
