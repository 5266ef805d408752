using System.Numerics;
using System.Runtime.CompilerServices;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

sealed class RequestLogTarget(
    BackingDevice device, ulong first, ulong sectorCount, RequestLogSettings settings, ITargetServices services, RequestLogSizes sizes, RequestLogFaults faults) : Target
{
    const int StreamRecords = 1024;

    readonly RequestFeed _feed = new(services.Time, sizes, faults);
    RequestLogSettings _settings = settings;
    RequestFile? _output;
    RequestSink? _file;
    RequestSink? _socket;
    bool _isOpen;

    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => device.Ops;

    public override string Table => $"{device.Word} {first}{_settings}";

    /// <summary>[any thread] What is recorded now.</summary>
    public RequestFilter Filter => _feed.Filter;

    public override TargetShard Open(TargetIo io)
    {
        var shard = new RequestLogShard(io, _feed, device, first, faults);
        _feed.Add(shard);
        return shard;
    }

    /// <summary>Not before: the table that is live may write the same file, and this one be refused.</summary>
    public override ValueTask TakeOverAsync()
    {
        if (_isOpen)
            return default;
        _isOpen = true;
        OpenFile();
        OpenSocket();
        _feed.SetFilter(_settings.Filter(sectorCount));
        return default;
    }

    /// <summary><c>on|off</c>, then how many requests have arrived, were recorded, were lost before anybody could read them, and who reads.</summary>
    public override ValueTask<string> InfoAsync(CancellationToken ct) => new(
        $"{(_settings.IsOn ? "on" : "off")} {_feed.Sequence.Next} {_feed.RecordedCount} {_feed.LostCount} {_feed.ReaderCount} {Word(_file)} {Word(_socket)}");

    public override ValueTask<StatusField[]> DescribeAsync(CancellationToken ct) => new(
    [
        new("recording", !_settings.IsOn ? "off" : _settings.Range is var (from, count)
            ? $"{OpLetters.Of(_settings.Ops)}, sectors {from} to {from + count - 1}" : OpLetters.Of(_settings.Ops)),
        new("recorded", $"{_feed.RecordedCount} requests", _feed.RecordedCount, "requests"),
        new("dropped", $"{_feed.LostCount} requests", _feed.LostCount, "requests"),
        new("readers", $"{_feed.ReaderCount}", _feed.ReaderCount),
        .. Describe("file", _file, "free space or put the path right; it is tried again every second"),
        .. Describe("socket", _socket, "start the program that listens there; it is tried again every second"),
    ]);

    public override async ValueTask<string> MessageAsync(string[] words, CancellationToken ct)
    {
        RequestLogSettings old = _settings;
        RequestLogSettings wanted = old.With(words);
        // What is written already is not looked at again: its folder may have gone, and `off` is right all the same.
        bool isOtherFile = wanted.File != old.File;
        RequestLogTargetType.Check(isOtherFile || wanted.Keep > old.Keep ? wanted : wanted with { File = null }, sectorCount, why => new TableException(2, why, words[0]));
        _settings = wanted;
        if (isOtherFile)
        {
            await CloseAsync(_file);
            OpenFile();
        }
        else if (_output is { } output)
        {
            (output.RotateBytes, output.Keep) = (RotateBytes, wanted.Keep);
        }
        if (wanted.Socket != old.Socket)
        {
            await CloseAsync(_socket);
            OpenSocket();
        }
        _feed.SetFilter(wanted.Filter(sectorCount));
        return "";
    }

    public override ValueTask<IAsyncEnumerable<ReadOnlyMemory<byte>>> StreamAsync(string[] words, CancellationToken ct)
    {
        RequestStream stream = RequestStream.Parse(words);
        var reader = new RequestReader(stream.Filter, stream.WantsDirty, stream.Follows ? sizes.Queue : (int)BitOperations.RoundUpToPowerOf2((uint)sizes.History + 1), faults);
        byte[] header = Header().ToBytes();
        if (stream.Follows)
        {
            _feed.Add(reader);
            // Also when nobody ever pulls.
            ct.UnsafeRegister(_ => _feed.Remove(reader), null);
        }
        else
        {
            reader.Put([.. _feed.History(), _feed.FilterRecord()]);
            reader.End();
        }
        return new(PullAsync(header, reader, ct));
    }

    public override async ValueTask DisposeAsync()
    {
        await _feed.EndAsync();
        await CloseAsync(_file);
        await CloseAsync(_socket);
        await base.DisposeAsync();
    }

    async IAsyncEnumerable<ReadOnlyMemory<byte>> PullAsync(byte[] header, RequestReader reader, [EnumeratorCancellation] CancellationToken ct)
    {
        try
        {
            yield return header;
            byte[] records = new byte[StreamRecords * RequestRecord.ByteCount];
            while (await reader.TakeAsync(records, ct) is > 0 and var count)
                yield return records.AsMemory(0, count);
        }
        finally
        {
            _feed.Remove(reader);
        }
    }

    ulong RotateBytes => (ulong)_settings.RotateMib << 20;

    void OpenFile()
    {
        _output = _settings.File is not { } path ? null : new RequestFile(path, Header) { RotateBytes = RotateBytes, Keep = _settings.Keep };
        _file = _output is null ? null : new(_feed, _output, services);
    }

    void OpenSocket() => _socket = _settings.Socket is not { } path ? null : new(_feed, new RequestSocket(path), services);

    static ValueTask CloseAsync(RequestSink? sink) => sink?.DisposeAsync() ?? default;

    RequestLogHeader Header() => new(sectorCount, device.Word, first, _feed.UnixNs, _feed.Sequence.Next);

    static string Word(RequestSink? sink) => sink is null ? "-" : sink.Error is null ? "ok" : "failed";

    static StatusField[] Describe(string name, RequestSink? sink, string advice) => sink is null ? [] :
    [
        new(name, sink.Error is { } error ? $"{sink.Path}: {error}" : $"{sink.Path}, {sink.WrittenCount} records", sink.WrittenCount, "records",
            sink.Error is null ? null : advice),
        new($"lost by {name}", $"{sink.LostCount} requests", sink.LostCount, "requests"),
    ];
}
