namespace Ublk.Engine;

/// <summary>A pooled join of up to 64 operations. [W]</summary>
sealed class Join(Worker worker) : IoJoin
{
    const int MaxLegs = 64;

    readonly Leg?[] _legs = new Leg?[MaxLegs];
    Outcome? _outcome;
    int _count;
    int _pending;
    Errno _first;
    ulong _failed;
    bool _isAwaited;

    public override void Add(IoTask<Errno> leg)
    {
        int index = _count++;
        Leg step = _legs[index] ??= new Leg(this, index);
        _pending++;
        step.Watch(leg);
    }

    public override IoTask<Joined> All
    {
        get
        {
            if (_pending == 0)
            {
                Joined joined = new(_first, _failed);
                Recycle();
                return joined;
            }
            _isAwaited = true;
            _outcome ??= new Outcome(this);
            _outcome.Arm();
            return new IoTask<Joined>(_outcome, default);
        }
    }

    void Note(int index, Errno error)
    {
        if (error != Errno.None)
        {
            // A refusal says less than an error: the error of one leg is not lost behind what
            // another cannot do.
            if (_first is Errno.None || (_first == Errno.NotSupported && error != Errno.NotSupported))
                _first = error;
            _failed |= 1UL << index;
        }
        if (--_pending == 0 && _isAwaited)
            _outcome!.Done(new Joined(_first, _failed));
    }

    void Recycle()
    {
        _count = 0;
        _failed = 0;
        _first = Errno.None;
        _isAwaited = false;
        worker.Return(this);
    }

    sealed class Leg(Join join, int index) : IoStep
    {
        IoTask<Errno>.Awaiter _awaiter;

        public void Watch(IoTask<Errno> task)
        {
            _awaiter = task.GetAwaiter();
            if (_awaiter.IsCompleted)
                join.Note(index, _awaiter.GetResult());
            else
                _awaiter.Park(this);
        }

        protected internal override void Run() => join.Note(index, _awaiter.GetResult());
    }

    sealed class Outcome(Join join) : IoSource<Joined>
    {
        public void Arm() => Rearm();

        public void Done(Joined joined) => Finish(joined);

        protected override void Recycle() => join.Recycle();
    }
}
