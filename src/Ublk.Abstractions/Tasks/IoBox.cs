using System.Runtime.CompilerServices;

namespace Ublk;

/// <summary>An async method's state machine while it waits. Pooled for each worker and method, so it grows to the peak and stays.</summary>
sealed class IoBox<T, TMachine> : IoSource<T>
    where TMachine : IAsyncStateMachine
{
    [ThreadStatic]
    static IoBox<T, TMachine>? t_free;

    IoBox<T, TMachine>? _nextFree;

    internal TMachine Machine = default!;

    internal static IoBox<T, TMachine> Rent()
    {
        if (t_free is not { } box)
            return new();
        t_free = box._nextFree;
        box.Rearm();
        return box;
    }

    protected internal override void Run() => Machine.MoveNext();

    protected override void Recycle()
    {
        Machine = default!;
        _nextFree = t_free;
        t_free = this;
    }
}
