using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Api;

/// <summary>One request: what it asks for, and the way its answer goes.</summary>
sealed class Call(HttpContext http, DeviceMapper mapper, CancellationToken ct)
{
    readonly long _begin = Stopwatch.GetTimestamp();

    /// <summary>Ends with the call's time limit (or, where it has none, with the client or the daemon).</summary>
    public CancellationToken Token => ct;

    /// <summary>NAME of the address.</summary>
    public string Name => (string)http.Request.RouteValues["name"]!;

    /// <summary>The process that calls.</summary>
    public int CallerId => PeerCheck.Id(http);

    /// <summary>The device NAME.</summary>
    public MappedDevice Device => mapper.Find(Name) ?? throw new DmException(DmFailure.NotFound, $"{Name}: no such device; ublk-dm ls shows those there are");

    /// <summary>A yes or no of the query; absent is no.</summary>
    public bool Flag(string name)
    {
        string text = http.Request.Query[name].ToString();
        if (text is "" or "false" or "0") return false;
        return text is "true" or "1" ? true : throw new UsageException($"{name}={text}: neither true nor false");
    }

    /// <summary>A number of the query; absent is 0.</summary>
    public uint Number(string name)
    {
        string text = http.Request.Query[name].ToString();
        if (text.Length == 0) return 0;
        return uint.TryParse(text, out uint number) ? number : throw new UsageException($"{name}={text}: not a number from 0 to {uint.MaxValue}");
    }

    /// <summary>The request's body, whatever content type it claims: curl's -d claims a form.</summary>
    public async Task<T> BodyAsync<T>(JsonTypeInfo<T> type) =>
        await JsonSerializer.DeserializeAsync(http.Request.Body, type, ct) ?? throw new UsageException("the request body is null");

    /// <summary>The request's body, where it may be left out.</summary>
    public async Task<T> BodyAsync<T>(JsonTypeInfo<T> type, T absent)
    {
        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, ct);
        if (bytes.Length == 0) return absent;
        return JsonSerializer.Deserialize(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), type) ?? absent;
    }

    public Task ReplyAsync<T>(T reply, JsonTypeInfo<T> type) => WriteAsync(http, StatusCodes.Status200OK, reply, type);

    /// <summary>Bytes as they come: the client sees each piece at once, also the fact that there is none yet.</summary>
    public async Task StreamAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        http.Response.ContentType = "application/octet-stream";
        await http.Response.StartAsync(ct);
        await foreach (var piece in pieces.WithCancellation(ct)) await http.Response.Body.WriteAsync(piece, ct);
    }

    /// <summary>The answer to a verb that changed something.</summary>
    public Task ReplyAsync(IReadOnlyList<StepTime> steps) =>
        ReplyAsync(new StepsReply(Replies.Of(steps), ElapsedMs), ControlJson.Wire.StepsReply);

    /// <summary>Milliseconds since the request was read.</summary>
    public double ElapsedMs => Stopwatch.GetElapsedTime(_begin).TotalMilliseconds;

    public static Task WriteAsync(HttpContext http, ErrorReply error) =>
        WriteAsync(http, ApiFailure.Status(error.Kind), error, ControlJson.Wire.ErrorReply);

    // As one piece with a length, so that curl in a shell loop reads one packet and keeps the connection; the newline is for terminals.
    static async Task WriteAsync<T>(HttpContext http, int status, T reply, JsonTypeInfo<T> type)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(reply, type);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length + 1;
        await http.Response.Body.WriteAsync(json, CancellationToken.None);
        await http.Response.Body.WriteAsync("\n"u8.ToArray(), CancellationToken.None);
    }
}
