using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Ublk;

/// <summary>The compiler's builder of <c>async IoTask</c> methods. Not for use by hand.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct IoTaskBuilder<T>
{
    IoSource<T>? _box;
    T _result;

    /// <summary>For the compiler.</summary>
    public static IoTaskBuilder<T> Create() => default;

    /// <summary>For the compiler.</summary>
    public readonly IoTask<T> Task => new(_box, _result);

    /// <summary>For the compiler.</summary>
    public readonly void Start<TMachine>(ref TMachine machine)
        where TMachine : IAsyncStateMachine => machine.MoveNext();

    /// <summary>For the compiler.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine machine)
    {
    }

    /// <summary>For the compiler.</summary>
    public void SetResult(T result)
    {
        if (_box is null)
            _result = result;
        else
            _box.Finish(result);
    }

    /// <summary>An exception on a worker is a bug whose damage cannot be bounded: the process ends with what it was.</summary>
    public readonly void SetException(Exception exception) => Environment.FailFast($"A target threw on a worker: {exception}", exception);

    /// <summary>For the compiler.</summary>
    public void AwaitOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : IIoAwaiter
        where TMachine : IAsyncStateMachine => AwaitUnsafeOnCompleted(ref awaiter, ref machine);

    /// <summary>For the compiler: the machine moves into a pooled box once, at its first real wait.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : IIoAwaiter
        where TMachine : IAsyncStateMachine
    {
        if (_box is null)
        {
            IoBox<T, TMachine> box = IoBox<T, TMachine>.Rent();
            _box = box;             // `this` is a field of the machine: set before the machine is copied
            box.Machine = machine;
        }
        awaiter.Park(_box);
    }
}
