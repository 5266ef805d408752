namespace Ublk.Engine;

/// <summary>
/// New devices that begin at one instant of others, which are in use: snapshots of several origins. [C] All or nothing.
/// <para>
/// Why it is one instant: every origin holds new requests, and what was in flight in it has ended, before the first of the new devices
/// starts; none is released before the last has started. So whatever was answered by then is in the cut, and what a program does because of
/// an answer is in it only if the answer's cause is, on whichever of the origins.
/// </para>
/// </summary>
public sealed class Cut : IAsyncDisposable
{
    readonly DeviceMapper _mapper;
    readonly List<MappedDevice> _made = [];
    readonly Stack<IAsyncDisposable> _holds = [];
    bool _isDone;

    Cut(DeviceMapper mapper) => _mapper = mapper;

    /// <summary>The new devices, in the order in which they were asked for.</summary>
    public IReadOnlyList<MappedDevice> Made => _made;

    /// <summary>The instant.</summary>
    public DateTimeOffset TakenAt { get; private set; }

    /// <summary>How long the origins held requests, when they do not any more.</summary>
    public TimeSpan Held { get; private set; }

    /// <summary>
    /// Makes and loads the new devices; nothing is held meanwhile. A table that holds something already is the caller's to refuse.
    /// </summary>
    public static async Task<Cut> PrepareAsync(DeviceMapper mapper, IEnumerable<(string Name, string Table, LoadOptions Options)> devices, CancellationToken ct)
    {
        var cut = new Cut(mapper);
        try
        {
            foreach ((string name, string table, LoadOptions options) in devices)
            {
                MappedDevice device = await mapper.CreateAsync(name, null, null, ct);
                cut._made.Add(device);
                await device.LoadAsync(table, options, ct);
            }
            return cut;
        }
        catch
        {
            await cut.DisposeAsync();
            throw;
        }
    }

    /// <summary>Holds the origins and starts the new devices. They stay held until <see cref="ReleaseAsync"/>.</summary>
    /// <param name="origins">What is held.</param>
    /// <param name="check">Throws if an origin is not any more what it was when the new devices were made. It is called when none can change.</param>
    /// <param name="ct">Ends it early.</param>
    public async Task TakeAsync(IEnumerable<MappedDevice> origins, Action check, CancellationToken ct)
    {
        // One cut at a time: two that wait for each other's origins would never end.
        await _mapper.CutGate.WaitAsync(ct);
        try
        {
            // A device is held before what it stands on, or what it has in flight could not end.
            foreach (MappedDevice origin in TopDown.Sort(origins.Distinct(), (upper, lower) => upper.StandsOn(lower)))
                _holds.Push(await origin.HoldAsync(ct));
            check();
            TakenAt = _mapper.Time.GetUtcNow();
            foreach (MappedDevice device in _made)
                await device.StartAsync(ct);
        }
        catch
        {
            await ReleaseAsync();
            throw;
        }
        finally
        {
            _mapper.CutGate.Release();
        }
    }

    /// <summary>Lets the origins' requests go.</summary>
    public async Task ReleaseAsync()
    {
        while (_holds.TryPop(out IAsyncDisposable? hold))
            await hold.DisposeAsync();
        if (TakenAt != default && Held == default)
            Held = _mapper.Time.GetUtcNow() - TakenAt;
    }

    /// <summary>Makes the nodes of the new devices, which takes longer than anybody should be held for.</summary>
    public Task StartNodesAsync(CancellationToken ct) => Task.WhenAll(_made.Select(device => device.ResumeAsync(ct)));

    /// <summary>The cut is done, and its devices stay.</summary>
    public void Keep() => _isDone = true;

    /// <summary>A cut that is not kept leaves nothing behind.</summary>
    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        if (_isDone)
            return;
        _isDone = true;
        foreach (MappedDevice device in _made)
            await _mapper.UndoAsync(device);
    }
}
