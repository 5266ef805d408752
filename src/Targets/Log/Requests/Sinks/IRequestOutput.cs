namespace Ublk.Targets.Log;

/// <summary>Where a sink's records go: a file, a socket. [C] One caller at a time.</summary>
interface IRequestOutput : IDisposable
{
    /// <summary>As tables name it.</summary>
    string Path { get; }

    /// <summary>Whoever comes after a failure begins anew: what was recorded meanwhile is not for him.</summary>
    bool BeginsAnew { get; }

    /// <summary>The event when it begins to fail.</summary>
    string FailedEvent { get; }

    /// <summary>Makes it ready, unless it is; throws what <see cref="RequestSink"/> knows as a failure.</summary>
    ValueTask OpenAsync(CancellationToken ct);

    /// <summary>Writes whole records. After it threw, the same are written again, or with <see cref="BeginsAnew"/> others.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> records, CancellationToken ct);
}
