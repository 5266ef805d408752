namespace Ublk.Targets.Log;

/// <summary>
/// What changed in epochs that are closed; it does not change any more. Only pages with a mark are kept, and of one whose blocks all have the same
/// state only that; when this would take more than a whole map, a whole map. Any thread.
/// </summary>
sealed class EpochSet
{
    readonly int _wordsPerPage;

    /// <summary>Ascending; null: all pages there are.</summary>
    readonly int[]? _pages;

    /// <summary>For each of them where its words begin, or the state of all its blocks, negative; null: one behind the other.</summary>
    readonly int[]? _places;
    readonly ulong[] _words;

    EpochSet(TrackGeometry geometry, int[]? pages, int[]? places, ulong[] words)
    {
        _wordsPerPage = geometry.WordsPerPage;
        _pages = pages;
        _places = places;
        _words = words;
    }

    /// <summary>Pages that take their words to store, and those that do not.</summary>
    public int RawCount => _words.Length / _wordsPerPage;

    public int UniformCount => _pages is null ? 0 : _pages.Length - RawCount;

    public bool IsEmpty => _words.Length == 0 && _pages is { Length: 0 };

    /// <summary>Bytes in memory.</summary>
    public long Bytes => ((_pages?.Length ?? 0) * 2L * sizeof(int)) + (_words.Length * (long)sizeof(ulong));

    /// <summary>What a cursor goes through; it is made twice, to count and to copy. The pages must not change meanwhile, or only gain marks.</summary>
    public static EpochSet Of(TrackGeometry geometry, Func<PageCursor> cursor)
    {
        int count = 0, raw = 0;
        for (PageCursor at = cursor(); at.Next(); count++)
            raw += StateWord.Uniform(at.Words) == BlockState.Clean ? 1 : 0;
        if ((count * 2L * sizeof(int)) + (raw * (long)geometry.PageBytes) >= geometry.MapBytes)
            return Whole(geometry, cursor());
        var pages = new List<int>(count);
        var places = new List<int>(count);
        var words = new List<ulong>(raw * geometry.WordsPerPage);
        for (PageCursor at = cursor(); at.Next();)
        {
            BlockState all = StateWord.Uniform(at.Words);
            pages.Add(at.Page);
            places.Add(all == BlockState.Clean ? words.Count / geometry.WordsPerPage : -(int)all);
            if (all == BlockState.Clean)
                words.AddRange(at.Words);
        }
        return new EpochSet(geometry, [.. pages], [.. places], [.. words]);
    }

    /// <summary>One for both.</summary>
    public static EpochSet Merge(TrackGeometry geometry, EpochSet earlier, EpochSet later) =>
        earlier.IsEmpty ? later : later.IsEmpty ? earlier
        : Of(geometry, () => new MergeCursor(earlier.Pages(), later.Pages(), geometry.WordsPerPage));

    /// <summary>The pages, ascending.</summary>
    public PageCursor Pages() => new Cursor(this);

    static EpochSet Whole(TrackGeometry geometry, PageCursor at)
    {
        ulong[] words = new ulong[(long)geometry.PageCount * geometry.WordsPerPage];
        while (at.Next())
            at.Words.CopyTo(words.AsSpan((int)((long)at.Page * geometry.WordsPerPage)));
        return new EpochSet(geometry, null, null, words);
    }

    sealed class Cursor(EpochSet set) : PageCursor
    {
        readonly ulong[] _uniform = new ulong[set._wordsPerPage];
        int _at = -1;

        public override int Page => set._pages is { } pages ? pages[_at] : _at;

        public override ReadOnlySpan<ulong> Words
        {
            get
            {
                int place = set._places is { } places ? places[_at] : _at;
                if (place >= 0)
                    return set._words.AsSpan(place * set._wordsPerPage, set._wordsPerPage);
                _uniform.AsSpan().Fill(StateWord.All((BlockState)(-place)));
                return _uniform;
            }
        }

        public override bool Next() => ++_at < (set._pages?.Length ?? set.RawCount);
    }
}
