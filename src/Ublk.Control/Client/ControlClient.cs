using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ublk.Control;

/// <summary>
/// The control API, one method for each verb. Any thread. Every method throws <see cref="ControlException"/> with a message for
/// the user, and has a time limit except <see cref="WaitAsync"/> and <see cref="StreamAsync"/>.
/// </summary>
/// <remarks>
/// The API is HTTP/1.1 with JSON bodies over a Unix socket, so a shell can use it:
/// <code>
/// curl --unix-socket /run/ublk-dm/control.sock http://-/v1/devices
/// curl --unix-socket /run/ublk-dm/control.sock http://-/v1/devices/snap0/suspend -X POST
/// </code>
/// <code>
/// POST   /v1/devices                       CreateRequest    CreatedReply   create, load and resume; undone on failure
/// GET    /v1/devices                                        DeviceReply[]
/// GET    /v1/devices/NAME                                   DeviceReply
/// DELETE /v1/devices/NAME?force=true                        StepsReply
/// PUT    /v1/devices/NAME/table            LoadRequest      StepsReply
/// GET    /v1/devices/NAME/table?inactive=true               LineReply[]
/// GET    /v1/devices/NAME/status?inactive=true              LineReply[]
/// POST   /v1/devices/NAME/suspend          SuspendRequest   StepsReply
/// POST   /v1/devices/NAME/resume                            StepsReply
/// POST   /v1/devices/NAME/clear                             StepsReply
/// POST   /v1/devices/NAME/message          MessageRequest   MessageReply
/// POST   /v1/devices/NAME/stream           MessageRequest   bytes          what a target streams, as it comes
/// GET    /v1/devices/NAME/wait?event=N                      WaitReply
/// POST   /v1/cuts                          CutRequest       CutManifest    snapshots of several origins at one instant
/// POST   /v1/cuts/ID/release                                CutManifest    of a cut that is held
/// DELETE /v1/cuts/ID                                        StepsReply
/// GET    /v1/stats?watch=SECONDS                           StatsReply     counters so far, and latencies while watched
/// GET    /v1/targets                                        TargetsReply
/// GET    /v1/version                                        VersionReply
/// GET    /v1/operations                                     OperationReply[]   calls without an answer so far
/// GET    /v1/doctor                                         DoctorReply
/// POST   /v1/shutdown                      ShutdownRequest  StepsReply
/// </code>
/// Counters only grow, and what is in flight is as it is: a program polls twice and takes the difference, over that of the two
/// <c>atNs</c>. A line's begin anew with each table. Latencies cost the data path two looks at the clock a request, so they are collected only
/// while somebody watches, that is until SECONDS (1 to 3600) after the poll that said so; each poll says it again.
/// A failure has a status of 4xx or 5xx and an <see cref="ErrorReply"/>.
/// </remarks>
public sealed class ControlClient : IDisposable
{
    /// <summary>
    /// Longer than the daemon's own limits (30 s for each of create's three steps), so that normally the daemon says what it waited for.
    /// </summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(120);

    // After which a user is told what the daemon is at, and how long that question may take.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2), s_questionLimit = TimeSpan.FromSeconds(1);

    // A daemon that was killed does not come back: time for its end, and no more.
    static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(10);

    // Longer than any limit that a cut may have, for the same reason.
    static readonly TimeSpan s_cutLimit = TimeSpan.FromSeconds(780);

    readonly ControlPaths _paths;
    readonly HttpClient _http;

    /// <summary>Makes a client. Nothing is connected before the first call.</summary>
    public ControlClient(ControlPaths paths)
    {
        _paths = paths;
        _http = new HttpClient(UnixSocketHandler.For(paths.Socket))
        {
            BaseAddress = new Uri("http://ublk-dm/v1/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>
    /// Gets one line for the user when a call has no answer after 2 s: what the daemon is at, or what it waits for. Not for those that wait
    /// until something happens. Any thread.
    /// </summary>
    public Action<string>? OnSilence { get; set; }

    /// <summary>Makes a device and, with a table, starts it.</summary>
    public Task<CreatedReply> CreateAsync(CreateRequest request, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, "devices", Body(request, ControlJson.Wire.CreateRequest), ControlJson.Wire.CreatedReply, ct);

    /// <summary>Removes a device.</summary>
    public Task<StepsReply> RemoveAsync(string name, bool force, CancellationToken ct) =>
        SendAsync(HttpMethod.Delete, Device(name) + (force ? "?force=true" : ""), null, ControlJson.Wire.StepsReply, ct);

    /// <summary>All devices in the order of their names.</summary>
    public Task<DeviceReply[]> ListAsync(CancellationToken ct) =>
        SendAsync(HttpMethod.Get, "devices", null, ControlJson.Wire.DeviceReplyArray, ct);

    /// <summary>One device, with who uses it.</summary>
    public Task<DeviceReply> InfoAsync(string name, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, Device(name), null, ControlJson.Wire.DeviceReply, ct);

    /// <summary>Loads a table into the inactive slot.</summary>
    public Task<StepsReply> LoadAsync(string name, LoadRequest request, CancellationToken ct) =>
        SendAsync(HttpMethod.Put, Device(name, "/table"), Body(request, ControlJson.Wire.LoadRequest), ControlJson.Wire.StepsReply, ct);

    /// <summary>Holds new requests and waits for those that run.</summary>
    public Task<StepsReply> SuspendAsync(string name, SuspendRequest request, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, Device(name, "/suspend"), Body(request, ControlJson.Wire.SuspendRequest), ControlJson.Wire.StepsReply, ct);

    /// <summary>Makes the inactive table live, and lets requests go.</summary>
    public Task<StepsReply> ResumeAsync(string name, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, Device(name, "/resume"), null, ControlJson.Wire.StepsReply, ct);

    /// <summary>Drops the inactive table.</summary>
    public Task<StepsReply> ClearAsync(string name, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, Device(name, "/clear"), null, ControlJson.Wire.StepsReply, ct);

    /// <summary>Sends a message to a target.</summary>
    public Task<MessageReply> MessageAsync(string name, MessageRequest request, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, Device(name, "/message"), Body(request, ControlJson.Wire.MessageRequest), ControlJson.Wire.MessageReply, ct);

    /// <summary>Sends a message whose answer is a stream of bytes; the caller disposes it.</summary>
    public async Task<Stream> StreamAsync(string name, MessageRequest message, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Device(name, "/stream")) { Content = Body(message, ControlJson.Wire.MessageRequest) };
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(AnswerLimit); // until it begins
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.IsSuccessStatusCode) return await response.Content.ReadAsStreamAsync(ct);
            using (response) throw await RefusalAsync(response, ct);
        }
        catch (HttpRequestException e)
        {
            throw UnixSocketHandler.Explain(e, _paths);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw await SilenceAsync(AnswerLimit, e);
        }
    }

    /// <summary>Waits until the event number is not <paramref name="eventNumber"/>, however long it takes.</summary>
    public Task<WaitReply> WaitAsync(string name, uint eventNumber, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, Device(name, $"/wait?event={eventNumber}"), null, ControlJson.Wire.WaitReply, ct, Timeout.InfiniteTimeSpan);

    /// <summary>The live or the inactive table.</summary>
    public Task<LineReply[]> TableAsync(string name, bool inactive, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, Device(name, "/table" + Slot(inactive)), null, ControlJson.Wire.LineReplyArray, ct);

    /// <summary>The status of each line of the live or the inactive table.</summary>
    public Task<LineReply[]> StatusAsync(string name, bool inactive, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, Device(name, "/status" + Slot(inactive)), null, ControlJson.Wire.LineReplyArray, ct);

    /// <summary>Cuts snapshots of several origins at one instant. Its time limit is the request's.</summary>
    public Task<CutManifest> CutAsync(CutRequest request, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, "cuts", Body(request, ControlJson.Wire.CutRequest), ControlJson.Wire.CutManifest, ct, s_cutLimit);

    /// <summary>Keeps a cut that is held, and lets the origins go on.</summary>
    public Task<CutManifest> ReleaseCutAsync(string id, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, $"cuts/{id}/release", null, ControlJson.Wire.CutManifest, ct);

    /// <summary>Gives up a cut that is held.</summary>
    public Task<StepsReply> GiveUpCutAsync(string id, CancellationToken ct) =>
        SendAsync(HttpMethod.Delete, $"cuts/{id}", null, ControlJson.Wire.StepsReply, ct);

    /// <summary>What all devices have done so far. Latencies are collected for so many seconds from now on; 0: no longer than before.</summary>
    public Task<StatsReply> StatsAsync(int watchSeconds, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, watchSeconds == 0 ? "stats" : $"stats?watch={watchSeconds}", null, ControlJson.Wire.StatsReply, ct);

    /// <summary>What a table line can name.</summary>
    public Task<TargetsReply> TargetsAsync(CancellationToken ct) =>
        SendAsync(HttpMethod.Get, "targets", null, ControlJson.Wire.TargetsReply, ct);

    /// <summary>Which daemon this is.</summary>
    public Task<VersionReply> VersionAsync(CancellationToken ct) =>
        SendAsync(HttpMethod.Get, "version", null, ControlJson.Wire.VersionReply, ct);

    /// <summary>What it has not answered yet, the oldest first; without the calls that wait until something happens.</summary>
    public Task<OperationReply[]> OperationsAsync(CancellationToken ct) =>
        SendAsync(HttpMethod.Get, "operations", null, ControlJson.Wire.OperationReplyArray, ct);

    /// <summary>The machine as the daemon sees it.</summary>
    public Task<DoctorReply> DoctorAsync(CancellationToken ct) =>
        SendAsync(HttpMethod.Get, "doctor", null, ControlJson.Wire.DoctorReply, ct);

    /// <summary>Ends the daemon.</summary>
    public Task<StepsReply> ShutdownAsync(ShutdownRequest request, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, "shutdown", Body(request, ControlJson.Wire.ShutdownRequest), ControlJson.Wire.StepsReply, ct);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    static string Device(string name, string rest = "") => $"devices/{Uri.EscapeDataString(name)}{rest}";

    static string Slot(bool inactive) => inactive ? "?inactive=true" : "";

    static JsonContent Body<T>(T message, JsonTypeInfo<T> type) => JsonContent.Create(message, type);

    async Task<T> SendAsync<T>(
        HttpMethod method, string address, HttpContent? body, JsonTypeInfo<T> type, CancellationToken ct, TimeSpan? answerLimit = null)
    {
        var end = answerLimit ?? AnswerLimit;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(end);
        try
        {
            var answer = ReceiveAsync(method, address, body, type, limit.Token);
            if (OnSilence is { } tell && end != Timeout.InfiniteTimeSpan && await Task.WhenAny(answer, Task.Delay(s_patience, limit.Token)) != answer)
            {
                if (DaemonProcess.Find(_paths) is { IsEnding: true }) limit.CancelAfter(end = s_endLimit);
                tell($"no answer from ublk-dmd so far: {await WhyAsync()}");
            }

            return await answer;
        }
        catch (HttpRequestException e)
        {
            throw UnixSocketHandler.Explain(e, _paths);
        }
        catch (JsonException e)
        {
            throw new ControlException(ErrorKind.Failed, $"what answers on {_paths.Socket} is not this version of ublk-dmd ({e.Message})", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw await SilenceAsync(end, e);
        }
    }

    async Task<T> ReceiveAsync<T>(HttpMethod method, string address, HttpContent? body, JsonTypeInfo<T> type, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, address) { Content = body };
        using var response = await _http.SendAsync(request, ct);
        if (!response.IsSuccessStatusCode) throw await RefusalAsync(response, ct);
        return await response.Content.ReadFromJsonAsync(type, ct) ?? throw Strange(response, null);
    }

    async Task<ControlException> SilenceAsync(TimeSpan limit, Exception e) => new(
        ErrorKind.TimedOut, $"ublk-dmd did not answer within {limit.TotalSeconds:0} s: {await WhyAsync()}; its log is {_paths.Log}", e);

    /// <summary>One phrase: why there is no answer.</summary>
    async Task<string> WhyAsync()
    {
        var process = DaemonProcess.Find(_paths);
        if (process is { IsEnding: true }) return process.Describe();
        try
        {
            using var limit = new CancellationTokenSource(s_questionLimit);
            var operations = await ReceiveAsync(HttpMethod.Get, "operations", null, ControlJson.Wire.OperationReplyArray, limit.Token);
            return operations.Length == 0 ? "it has nothing to do now" : $"it is at {string.Join(", ", operations.Select(one => $"{one.Operation} ({one.Ms / 1000:0} s)"))}";
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or JsonException or ControlException)
        {
            return process?.Describe() ?? $"who listens on {_paths.Socket} cannot be told";
        }
    }

    async Task<ControlException> RefusalAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            var error = await response.Content.ReadFromJsonAsync(ControlJson.Wire.ErrorReply, ct);
            return error is null ? Strange(response, null) : new ControlException(error.Kind, error.Error);
        }
        catch (JsonException e)
        {
            return Strange(response, e);
        }
    }

    ControlException Strange(HttpResponseMessage response, Exception? inner) =>
        new(ErrorKind.Failed, $"what answers on {_paths.Socket} is not ublk-dmd (HTTP status {(int)response.StatusCode})", inner);
}
