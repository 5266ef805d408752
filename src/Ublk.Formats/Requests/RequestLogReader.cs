using System.Runtime.InteropServices;

namespace Ublk.Formats.Requests;

/// <summary>Reads the records of a file or stream, one after the other. One thread at a time; the caller owns the stream.</summary>
public sealed class RequestLogReader
{
    const int BatchRecords = 1024;

    readonly Stream _stream;
    readonly byte[] _bytes = new byte[BatchRecords * RequestRecord.ByteCount];
    int _next;
    int _end;

    RequestLogReader(Stream stream, RequestLogHeader header)
    {
        _stream = stream;
        Header = header;
    }

    /// <summary>What stood before the records.</summary>
    public RequestLogHeader Header { get; }

    /// <summary>Bytes at the end that are no whole record: the writer was cut off, or is not done. Known once <see cref="NextAsync"/> has returned null.</summary>
    public int TornBytes { get; private set; }

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">It is no request log, or one of another version; says why.</exception>
    public static async ValueTask<RequestLogReader> OpenAsync(Stream stream, CancellationToken ct)
    {
        byte[] header = new byte[RequestLogHeader.ByteCount];
        int count = await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, ct);
        return new(stream, RequestLogHeader.Read(header.AsSpan(0, count)));
    }

    /// <summary>A record is there already: the next call does not wait for the stream.</summary>
    public bool HasNext => _end - _next >= RequestRecord.ByteCount;

    /// <summary>The next record; null at the end. A whole record that is still zero (a hole that a power failure left) is the end too.</summary>
    public async ValueTask<RequestRecord?> NextAsync(CancellationToken ct)
    {
        while (!HasNext)
        {
            _bytes.AsSpan(_next.._end).CopyTo(_bytes);
            (_next, _end) = (0, _end - _next);
            int count = await _stream.ReadAsync(_bytes.AsMemory(_end), ct);
            if (count == 0)
            {
                TornBytes = _end;
                return null;
            }
            _end += count;
        }
        RequestRecord record = MemoryMarshal.Read<RequestRecord>(_bytes.AsSpan(_next));
        if (record.Kind == 0)
        {
            TornBytes = _end - _next;
            return null;
        }
        _next += RequestRecord.ByteCount;
        return record;
    }
}
