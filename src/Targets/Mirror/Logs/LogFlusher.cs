namespace Ublk.Targets.Mirror;

/// <summary>
/// One flush of the log for all the marks that wait. [W] A mark gets a ticket, and is durable when a flush succeeded that began after it.
/// </summary>
sealed class LogFlusher(TargetIo io, IDirtyLog log, ILegs legs)
{
    readonly IoEvent _go = new();
    readonly IoEvent _flushed = new();
    long _asked;
    long _tried;
    long _durable;
    Errno _error;
    bool _isFlushing;

    /// <summary>A ticket for what was marked until now.</summary>
    public long Ask()
    {
        _asked++;
        if (!log.NeedsFlush && !_isFlushing)
            _tried = _durable = _asked;
        return _asked;
    }

    /// <summary>The same ticket, or a new one if the flush for that one failed: it is tried once more.</summary>
    public long Renew(long ticket) => ticket > _durable && ticket <= _tried ? Ask() : ticket;

    /// <summary>Done when the marks of a ticket are durable, or could not be made so.</summary>
    public IoTask<Errno> Durable(long ticket) => ticket <= _durable ? Errno.None : Wait(ticket);

    /// <summary>Everything that was marked and cleared until now.</summary>
    public IoTask<Errno> Flush() => Durable(Ask());

    async IoTask<Errno> Wait(long ticket)
    {
        if (!_isFlushing)
        {
            // It begins behind what is ready now, so that the requests of this turn share it.
            _isFlushing = true;
            _flushed.Reset();
            _go.Reset();
            io.Spawn(Run());
            _go.Set();
        }
        while (_tried < ticket)
            await _flushed;
        return ticket <= _durable ? Errno.None : _error;
    }

    async IoTask<Errno> Run()
    {
        await _go;
        while (_tried < _asked)
        {
            long upTo = _asked;
            _flushed.Reset();
            _error = await log.Flush(io, legs);
            _tried = upTo;
            if (_error == Errno.None)
                _durable = upTo;
            _flushed.Set();
        }
        _isFlushing = false;
        return Errno.None;
    }
}
