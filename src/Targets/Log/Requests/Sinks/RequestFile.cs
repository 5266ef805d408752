using Microsoft.Win32.SafeHandles;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>
/// A request log in files: <c>PATH</c> is written, <c>PATH.1</c> was before, and so on (docs/format/request-log.md). [C] Never flushed: it is written for
/// people to look at, not to survive a power failure.
/// </summary>
/// <param name="path">The file that is written.</param>
/// <param name="header">What stands at the beginning of each, made when it is begun.</param>
sealed class RequestFile(string path, Func<RequestLogHeader> header) : IRequestOutput
{
    SafeFileHandle? _file;
    long _length;

    public string Path => path;

    /// <summary>Length at which the next one begins; at least this long. Any thread may change it.</summary>
    public required ulong RotateBytes { get; set; }

    /// <summary>So many older ones stay. Any thread may change it.</summary>
    public required int Keep { get; set; }

    public bool BeginsAnew => false;

    public string FailedEvent => "reqlog: the file cannot be written";

    /// <summary>Refuses what must not be renamed or removed: something else than request logs.</summary>
    /// <exception cref="InvalidDataException">Says which file, and what to do.</exception>
    public static void Check(string path, int keep)
    {
        for (int i = 0; i <= keep; i++)
        {
            string name = NameOf(path, i);
            if (Directory.Exists(name))
                throw new InvalidDataException($"{name} is a folder; name a file in it");
            if (!File.Exists(name))
                continue;
            // For reading alone, the open of a pipe would wait for a writer. A device has no length here, so none is taken for a log.
            using var file = new FileStream(name, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            byte[] begin = new byte[RequestLogHeader.ByteCount];
            if (!file.CanSeek || file.Length == 0 || !RequestLogHeader.IsBegin(begin.AsSpan(0, file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false))))
                throw new InvalidDataException($"{name} is there and is no request log, and would be renamed or removed; choose another name");
        }
    }

    public async ValueTask OpenAsync(CancellationToken ct)
    {
        if (_file is not null)
            return;
        Check(path, Keep);
        Rotate();
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            byte[] begin = header().ToBytes();
            await RandomAccess.WriteAsync(file, begin, 0, ct);
            _length = begin.Length;
            _file = file;
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> records, CancellationToken ct)
    {
        await OpenAsync(ct);
        await RandomAccess.WriteAsync(_file!, records, _length, ct);
        _length += records.Length;
        if ((ulong)_length >= RotateBytes)
            Dispose();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>What is at PATH becomes PATH.1, and so on; the last goes.</summary>
    void Rotate()
    {
        if (!File.Exists(path))
            return;
        int keep = Keep;
        if (keep == 0)
        {
            File.Delete(path);
            return;
        }
        for (int i = keep - 1; i >= 0; i--)
        {
            if (File.Exists(NameOf(path, i)))
                File.Move(NameOf(path, i), NameOf(path, i + 1), overwrite: true);
        }
    }

    static string NameOf(string path, int number) => number == 0 ? path : $"{path}.{number}";
}
