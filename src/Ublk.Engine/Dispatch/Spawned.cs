namespace Ublk.Engine;

/// <summary>Background work that a layer counts like a request. [W] Pooled.</summary>
sealed class Spawned(Worker worker) : IoStep
{
    IoTask<Errno>.Awaiter _awaiter;
    Layer _layer = null!;

    public void Watch(IoTask<Errno> task, Layer layer)
    {
        _awaiter = task.GetAwaiter();
        if (_awaiter.IsCompleted)
        {
            _awaiter.GetResult();
            worker.Return(this);
            return;
        }
        _layer = layer;
        layer.Enter();
        _awaiter.Park(this);
    }

    protected internal override void Run()
    {
        _awaiter.GetResult();
        Layer layer = _layer;
        worker.Return(this);
        layer.Exit();
    }
}
