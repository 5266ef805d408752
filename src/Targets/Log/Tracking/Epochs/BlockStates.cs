using System.Runtime.InteropServices;

namespace Ublk.Targets.Log;

/// <summary>
/// The states of all blocks in an epoch that is open, or is being closed. Two bits for each block of the device in memory that the kernel gives page by
/// page when it is first written, so that what is not written costs nothing. Written by one worker; any thread may read, and then sees what was
/// marked before it began to look.
/// </summary>
sealed unsafe class BlockStates : IDisposable
{
    const byte Used = 1;
    const byte Unsaved = 2;

    readonly TrackGeometry _geometry;
    readonly int _pageWordShift;
    readonly byte[] _pages;
    ulong* _words;

    public BlockStates(TrackGeometry geometry)
    {
        _geometry = geometry;
        _pageWordShift = System.Numerics.BitOperations.Log2((uint)geometry.WordsPerPage);
        _pages = new byte[geometry.PageCount];
        _words = (ulong*)NativeMemory.AllocZeroed((nuint)geometry.MapBytes);
    }

    ~BlockStates() => Free();

    public TrackGeometry Geometry => _geometry;

    /// <summary>[W] Gives blocks a state. One that they all have costs a comparison for each 32.</summary>
    public void Mark(ulong first, ulong count, BlockState state)
    {
        if (count == 0)
            return;
        ulong pattern = StateWord.All(state);
        ulong last = first + count - 1;
        ulong firstWord = first / TrackGeometry.BlocksPerWord, lastWord = last / TrackGeometry.BlocksPerWord;
        for (ulong at = firstWord; at <= lastWord; at++)
        {
            ulong mask = ulong.MaxValue;
            if (at == firstWord)
                mask <<= 2 * (int)(first % TrackGeometry.BlocksPerWord);
            if (at == lastWord)
                mask &= ulong.MaxValue >> (62 - (2 * (int)(last % TrackGeometry.BlocksPerWord)));
            ulong now = _words[at];
            if ((now & mask) == (pattern & mask))
                continue;
            _words[at] = (now & ~mask) | (pattern & mask);
            _pages[at >> _pageWordShift] = Used | Unsaved;
        }
    }

    /// <summary>Nothing happened to any of the blocks.</summary>
    public bool IsAllClean(ulong first, ulong count)
    {
        for (ulong block = first; block < first + count; block++)
        {
            if (this[block] != BlockState.Clean)
                return false;
        }
        return true;
    }

    public BlockState this[ulong block] =>
        (BlockState)((_words[block / TrackGeometry.BlocksPerWord] >> (2 * (int)(block % TrackGeometry.BlocksPerWord))) & 3);

    /// <summary>Puts back what was stored of a page.</summary>
    public void Load(int page, ReadOnlySpan<ulong> words)
    {
        words.CopyTo(Words(page));
        _pages[page] = Used;
    }

    public bool IsUsed(int page) => (_pages[page] & Used) != 0;

    /// <summary>It was marked since it was saved.</summary>
    public bool IsUnsaved(int page) => (_pages[page] & Unsaved) != 0;

    /// <summary>[W] The page's words are on their way to the disk.</summary>
    public void Saved(int page) => _pages[page] &= unchecked((byte)~Unsaved);

    /// <summary>The next page from <paramref name="page"/> on that was marked since it was saved; -1: there is none.</summary>
    public int NextUnsaved(int page) => Next(page, _pages.AsSpan(page).IndexOf((byte)(Used | Unsaved)));

    /// <summary>The next page with a mark; -1: there is none.</summary>
    public int NextUsed(int page) => Next(page, _pages.AsSpan(page).IndexOfAnyExcept((byte)0));

    public int CountUnsaved() => _pages.AsSpan().Count((byte)(Used | Unsaved));

    public int CountUsed() => _pages.Length - _pages.AsSpan().Count((byte)0);

    /// <summary>The words of a page.</summary>
    public Span<ulong> Words(int page) => new(_words + ((long)page * _geometry.WordsPerPage), _geometry.WordsPerPage);

    /// <summary>The pages with a mark, ascending.</summary>
    public PageCursor Pages() => new Cursor(this);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void Free()
    {
        NativeMemory.Free(_words);
        _words = null;
    }

    static int Next(int page, int found) => found < 0 ? -1 : page + found;

    sealed class Cursor(BlockStates states) : PageCursor
    {
        int _page = -1;

        public override int Page => _page;

        public override ReadOnlySpan<ulong> Words => states.Words(_page);

        public override bool Next()
        {
            _page = _page + 1 < states._pages.Length ? states.NextUsed(_page + 1) : -1;
            return _page >= 0;
        }
    }
}
