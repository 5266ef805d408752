namespace Ublk.Engine;

/// <summary>Work of the control plane on its way through a worker.</summary>
sealed class Invocation<T>(Func<IoTask<T>> work, bool continuesInline) : IoStep
{
    readonly TaskCompletionSource<T> _result =
        new(continuesInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    IoTask<T>.Awaiter _awaiter;
    bool _isStarted;

    public Task<T> Result => _result.Task;

    protected internal override void Run()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _awaiter = work().GetAwaiter();
            if (!_awaiter.IsCompleted)
            {
                _awaiter.Park(this);
                return;
            }
        }
        _result.SetResult(_awaiter.GetResult());
    }
}
