namespace Ublk.Engine;

/// <summary>Time limits of one worker. [W] A binary heap of waits; nothing ticks when nobody waits.</summary>
sealed class Timers
{
    TimedWait[] _heap = new TimedWait[16];
    int _count;

    /// <summary>When the next limit is up, or <see cref="long.MaxValue"/>.</summary>
    public long NextNs => _count == 0 ? long.MaxValue : _heap[0].DeadlineNs;

    public TimedWait? Free { get; set; }

    /// <summary>Ends every wait whose limit is up.</summary>
    public void Expire(long nowNs)
    {
        while (_count > 0 && _heap[0].DeadlineNs <= nowNs)
            _heap[0].Expire();
    }

    public void Add(TimedWait wait)
    {
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _count * 2);
        Up(_count++, wait);
    }

    public void Remove(TimedWait wait)
    {
        int index = wait.HeapIndex;
        TimedWait last = _heap[--_count];
        _heap[_count] = null!;
        if (last == wait)
            return;
        if (last.DeadlineNs < wait.DeadlineNs)
            Up(index, last);
        else
            Down(index, last);
    }

    void Up(int index, TimedWait wait)
    {
        while (index > 0)
        {
            int parent = (index - 1) >> 1;
            if (_heap[parent].DeadlineNs <= wait.DeadlineNs)
                break;
            Put(index, _heap[parent]);
            index = parent;
        }
        Put(index, wait);
    }

    void Down(int index, TimedWait wait)
    {
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && _heap[child + 1].DeadlineNs < _heap[child].DeadlineNs)
                child++;
            if (wait.DeadlineNs <= _heap[child].DeadlineNs)
                break;
            Put(index, _heap[child]);
            index = child;
        }
        Put(index, wait);
    }

    void Put(int index, TimedWait wait)
    {
        _heap[index] = wait;
        wait.HeapIndex = index;
    }
}
