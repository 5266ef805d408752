using System.Collections.Concurrent;
using System.Diagnostics;
using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Api;

/// <summary>What every call has in common: who may, for how long, and how a failure is told.</summary>
sealed class Calls(DeviceMapper mapper, DaemonOptions options, IHostApplicationLifetime life, ILogger<Calls> log)
{
    readonly ConcurrentDictionary<long, (string What, long Begin)> _running = [];
    long _lastId;

    /// <summary>A call with a time limit. It goes on when the client goes away: half a suspend helps nobody.</summary>
    /// <param name="verb">For messages: <c>suspend</c>.</param>
    /// <param name="operations">How many operations of the engine it is made of.</param>
    /// <param name="answer">Does it.</param>
    public RequestDelegate Limited(string verb, Func<Call, Task> answer, int operations = 1)
    {
        // The engine has a limit for each of its operations and says what it waited for; this one is for when it does not return at all.
        var limit = (options.OperationLimit * operations) + options.OperationGrace;
        return async http =>
        {
            using var end = new CancellationTokenSource(limit);
            long id = Interlocked.Increment(ref _lastId);
            _running[id] = (What(http, verb), Stopwatch.GetTimestamp());
            try
            {
                await RunAsync(http, verb, answer, limit, end.Token);
            }
            finally
            {
                _running.TryRemove(id, out _);
            }
        };
    }

    /// <summary>A call that waits until something happens, the client goes away or the daemon ends.</summary>
    public RequestDelegate Unlimited(string verb, Func<Call, Task> answer) => async http =>
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        await RunAsync(http, verb, answer, Timeout.InfiniteTimeSpan, end.Token);
    };

    /// <summary>What calls with a time limit are without an answer, the oldest first.</summary>
    public IReadOnlyList<OperationReply> Running =>
        [.. _running.OrderBy(one => one.Key).Select(one => new OperationReply(one.Value.What, Stopwatch.GetElapsedTime(one.Value.Begin).TotalMilliseconds))];

    /// <summary>The answer to an address that means nothing.</summary>
    public static Task NoSuchAddressAsync(HttpContext http) =>
        Call.WriteAsync(http, new ErrorReply($"{http.Request.Method} {http.Request.Path}: no such call; ublk-dmd's calls begin with /v1/", ErrorKind.Usage));

    static string What(HttpContext http, string verb) => http.Request.RouteValues["name"] is string name ? $"{verb} {name}" : verb;

    async Task RunAsync(HttpContext http, string verb, Func<Call, Task> answer, TimeSpan limit, CancellationToken ct)
    {
        string what = What(http, verb);
        try
        {
            if (PeerCheck.Refuse(http) is { } refusal)
            {
                log.LogWarning("{Call} refused: {Reason}", what, refusal);
                await Call.WriteAsync(http, new ErrorReply(refusal, ErrorKind.Forbidden));
                return;
            }

            await answer(new Call(http, mapper, ct));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (OperationCanceledException) when (life.ApplicationStopping.IsCancellationRequested)
        {
            if (http.Response.HasStarted) return; // a stream ends with the daemon
            await Call.WriteAsync(http, new ErrorReply($"{what}: ublk-dmd is ending", ErrorKind.Failed));
        }
        catch (Exception e)
        {
            var error = ApiFailure.Explain(e, what, limit);
            log.Log(LogLevel.Warning, ApiFailure.IsInternal(e) ? e : null, "{Call} failed: {Error}", what, error.Error);

            // What has begun must not look as if it had come to its end.
            if (http.Response.HasStarted) http.Abort();
            else await Call.WriteAsync(http, error);
        }
    }
}
