using System.Runtime.CompilerServices;

namespace Ublk;

/// <summary>
/// A result that is there or will be, on one worker. [W] Await it exactly once, on that worker. An <c>async IoTask</c> method runs
/// until it must wait, goes on from the worker's ready list, and in steady state allocates nothing: its box is pooled.
/// </summary>
[AsyncMethodBuilder(typeof(IoTaskBuilder<>))]
public readonly struct IoTask<T>
{
    readonly IoSource<T>? _source;
    readonly T _result;

    /// <summary>The result of a source, or with no source this very result.</summary>
    public IoTask(IoSource<T>? source, T result)
    {
        _source = source;
        _result = result;
    }

    internal IoSource<T>? Source => _source;

    internal T Result => _result;

    /// <summary>A result that is there.</summary>
    public static implicit operator IoTask<T>(T result) => new(null, result);

    /// <summary>Awaits it.</summary>
    public Awaiter GetAwaiter() => new(_source, _result);

    /// <summary>What <c>await</c> uses.</summary>
    public readonly struct Awaiter : IIoAwaiter
    {
        readonly IoSource<T>? _source;
        readonly T _result;

        internal Awaiter(IoSource<T>? source, T result)
        {
            _source = source;
            _result = result;
        }

        /// <summary>True when the result is there.</summary>
        public bool IsCompleted => _source is null || _source.IsDone;

        /// <summary>Takes the result, once; a pooled source is given back here.</summary>
        public T GetResult() => _source is null ? _result : _source.Take();

        /// <inheritdoc/>
        public void Park(IoStep step) => _source!.Park(step);

        /// <summary>Not used: the builder parks steps.</summary>
        public void OnCompleted(Action continuation) => throw new NotSupportedException();

        /// <summary>Not used: the builder parks steps.</summary>
        public void UnsafeOnCompleted(Action continuation) => throw new NotSupportedException();
    }
}
