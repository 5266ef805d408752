using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>
/// Writes the feed to a file or socket. [C] A reader like any other: while it fails or is slow, records are lost and counted, and it tries again
/// every second. I/O never waits for it.
/// </summary>
sealed class RequestSink : IAsyncDisposable
{
    const int BatchRecords = 1024;

    static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>For what is still to be written when the sink ends: a file on a suspended device of ours would never take it.</summary>
    static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(2);

    readonly RequestFeed _feed;
    readonly IRequestOutput _output;
    readonly ITargetServices _services;
    readonly RequestReader _reader;
    readonly CancellationTokenSource _ending = new();
    readonly CancellationTokenSource _abandoned = new();
    readonly byte[] _batch = new byte[BatchRecords * RequestRecord.ByteCount];
    readonly Task _run;
    int _count;
    ulong _written;
    string? _error;

    public RequestSink(RequestFeed feed, IRequestOutput output, ITargetServices services)
    {
        _feed = feed;
        _output = output;
        _services = services;
        _reader = new RequestReader(new(RecordOps.All, 0, ulong.MaxValue), wantsDirty: true, feed.Sizes.Queue, RequestLogFaults.None);
        feed.Add(_reader);
        _run = Task.Run(RunAsync);      // opening a file may wait for a device of ours
    }

    public string Path => _output.Path;

    /// <summary>Records written.</summary>
    public ulong WrittenCount => Volatile.Read(ref _written);

    /// <summary>Requests whose record it was too slow for.</summary>
    public ulong LostCount => _reader.LostCount;

    /// <summary>Why it cannot be written now; null: it can.</summary>
    public string? Error => Volatile.Read(ref _error);

    /// <summary>Writes what there is, within a time limit, and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        _feed.Remove(_reader);
        await _ending.CancelAsync();
        try
        {
            await _run.WaitAsync(s_endLimit, _services.Time);
        }
        catch (TimeoutException)
        {
            // The task closes the output when the write that it is in comes back.
            _services.RaiseEvent("reqlog: the end of a log could not be written in time");
            await _abandoned.CancelAsync();
        }
    }

    async Task RunAsync()
    {
        using (_output)
        {
            while (true)
            {
                try
                {
                    await _output.OpenAsync(_abandoned.Token);      // also at the end: there are records, the first and the last at least
                    if (_output.BeginsAnew)
                    {
                        _count = 0;
                        _reader.Clear();
                    }
                    if (_count == 0)
                        Volatile.Write(ref _error, null);
                    await PumpAsync();
                    return;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    if (_error is null)
                        _services.RaiseEvent(_output.FailedEvent);
                    Volatile.Write(ref _error, e.Message);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                if (_ending.IsCancellationRequested)
                    return;
                await Task.Delay(s_pause, _services.Time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Until no more come.</summary>
    async Task PumpAsync()
    {
        while (_count > 0 || (_count = await _reader.TakeAsync(_batch, CancellationToken.None)) > 0)
        {
            await _output.WriteAsync(_batch.AsMemory(0, _count), _abandoned.Token);
            Volatile.Write(ref _written, _written + (ulong)(_count / RequestRecord.ByteCount));
            _count = 0;
            Volatile.Write(ref _error, null);
        }
    }
}
