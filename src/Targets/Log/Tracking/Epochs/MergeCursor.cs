namespace Ublk.Targets.Log;

/// <summary>Two epochs as one: a block has its state of the later one, or, when nothing happened to it there, of the earlier.</summary>
sealed class MergeCursor(PageCursor earlier, PageCursor later, int wordsPerPage) : PageCursor
{
    readonly ulong[] _words = new ulong[wordsPerPage];
    bool _hasEarlier;
    bool _hasLater;
    bool _hasBegun;
    bool _tookEarlier;
    bool _tookLater;

    public override int Page => _tookEarlier ? earlier.Page : later.Page;

    public override ReadOnlySpan<ulong> Words => _tookEarlier && _tookLater ? _words : _tookEarlier ? earlier.Words : later.Words;

    public override bool Next()
    {
        if (_tookEarlier || !_hasBegun)
            _hasEarlier = earlier.Next();
        if (_tookLater || !_hasBegun)
            _hasLater = later.Next();
        _hasBegun = true;
        _tookEarlier = _hasEarlier && (!_hasLater || earlier.Page <= later.Page);
        _tookLater = _hasLater && (!_hasEarlier || later.Page <= earlier.Page);
        if (_tookEarlier && _tookLater)
        {
            for (int i = 0; i < _words.Length; i++)
            {
                ulong marked = (later.Words[i] | (later.Words[i] >> 1)) & StateWord.LowBits;
                _words[i] = (earlier.Words[i] & ~(marked | (marked << 1))) | later.Words[i];
            }
        }
        return _tookEarlier || _tookLater;
    }
}
