namespace Ublk.Engine.Tests;

/// <summary>Requests that a target keeps until the test lets them go.</summary>
sealed class Blocked
{
    readonly IoEvent _release = new();
    readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MapResult Map(TargetIo io, BlockRequest request) => Hold();

    /// <summary>[C] Done when the first request is inside.</summary>
    public Task Entered() => _entered.Task.WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>[C] Ends them.</summary>
    public async Task Release(Worker worker, Errno result) => await worker.InvokeAsync<Errno>(() =>
    {
        Set(result);
        return Errno.None;
    });

    /// <summary>[W] Ends them.</summary>
    public void Set(Errno result) => _release.Set(result);

    async IoTask<Errno> Hold()
    {
        _entered.TrySetResult();
        return await _release;
    }
}
