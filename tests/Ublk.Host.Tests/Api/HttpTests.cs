using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ublk.Control;
using Ublk.Host.Api;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Api;

/// <summary>The API as others than our client see it.</summary>
public sealed class HttpTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/v1/devices", """{"nam":"x"}""", 400, "request body of create: there is no member 'nam'")]
    [InlineData("POST", "/v1/devices", """{"table":"0 1 zero"}""", 400, "'name' is missing")]
    [InlineData("POST", "/v1/devices", """{"name":null}""", 400, "'name' must not be null")]
    [InlineData("POST", "/v1/devices", """{"name":7}""", 400, "'name' must be a string")]
    [InlineData("POST", "/v1/devices", """{"name":"x","queues":"two"}""", 400, "'queues' must be a number")]
    [InlineData("POST", "/v1/devices/d/message", """{"words":["x"],"sector":-1}""", 400, "'sector' must be a whole number from 0 on")]
    [InlineData("POST", "/v1/devices/d/message", """{"words":"x"}""", 400, "'words' must be a list")]
    [InlineData("POST", "/v1/devices", """[1]""", 400, "the whole must be an object with members")]
    [InlineData("POST", "/v1/devices", "hello", 400, "request body of create: is no JSON")]
    [InlineData("POST", "/v1/devices", "", 400, "request body of create")]
    [InlineData("POST", "/v1/devices/d/message", """{"words":[]}""", 400, "at least one word")]
    [InlineData("GET", "/v1/devices/d/table?inactive=maybe", null, 400, "inactive=maybe")]
    [InlineData("GET", "/v1/devices/d/wait?event=x", null, 400, "event=x")]
    [InlineData("GET", "/v1/devices/nope", null, 404, "nope: no such device")]
    [InlineData("GET", "/v1/nothing.here", null, 400, "no such call")]
    [InlineData("PATCH", "/v1/devices", null, 400, "no such call")]
    public async Task A_wrong_request_gets_a_status_and_one_line_as_json(string method, string address, string? body, int status, string word)
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("d", "0 2048 zero"), Ct);
        using var http = Http(daemon.Paths.Socket);
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://-" + address);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded");

        using var response = await http.SendAsync(request, Ct);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        var error = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Ct), ControlJson.Wire.ErrorReply)!;
        Assert.Contains(word, error.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curl_can_do_everything()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed");
        await using var daemon = await TestDaemon.StartAsync();

        Assert.Contains("\"name\":\"c\"", await CurlAsync(daemon, "devices", "-d", """{"name":"c","table":"0 2048 zero"}"""), StringComparison.Ordinal);
        await CurlAsync(daemon, "devices/c/table", "-X", "PUT", "-d", """{"table":"0 2048 error"}""");
        await CurlAsync(daemon, "devices/c/suspend", "-X", "POST");
        await CurlAsync(daemon, "devices/c/resume", "-X", "POST");
        Assert.Contains("\"target\":\"error\"", await CurlAsync(daemon, "devices/c/table"), StringComparison.Ordinal);
        await CurlAsync(daemon, "devices/c?force=1", "-X", "DELETE");
        Assert.Equal("[]\n", await CurlAsync(daemon, "devices"));
    }

    [Fact]
    public async Task The_socket_is_closed_to_others_than_root_and_the_group_disk()
    {
        await using var daemon = await TestDaemon.StartAsync();

        var mode = File.GetUnixFileMode(daemon.Paths.Socket);

        Assert.Equal(UnixFileMode.None, mode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute));
        if (SocketAccess.DiskGroup is not null && Environment.IsPrivilegedProcess)
            Assert.Equal((UnixFileMode)0x1B0, mode);
    }

    [Theory]
    [InlineData(0u, 0u, new uint[0], true)] // root
    [InlineData(1000u, 1000u, new uint[0], true)] // the daemon's own user
    [InlineData(1001u, 6u, new uint[0], true)] // by its first group
    [InlineData(1001u, 100u, new uint[] { 100, 6 }, true)] // by another group
    [InlineData(1001u, 100u, new uint[] { 100, 7 }, false)]
    public void Peers_are_root_the_daemons_user_and_the_group_disk(uint uid, uint gid, uint[] groups, bool allowed) =>
        Assert.Equal(allowed, PeerCheck.Allows(uid, gid, () => groups, self: 1000, disk: 6));

    [Fact]
    public void Without_a_group_disk_no_group_is_let_in() =>
        Assert.False(PeerCheck.Allows(1001, 0, () => [0, 6], self: 0, disk: null));

    [Fact]
    public void The_group_disk_is_found_by_its_whole_name() =>
        Assert.Equal(6u, SocketAccess.Find(["root:x:0:", "diskette:x:5:", "disk:x:6:alice", "cdrom:x:24:"]));

    static HttpClient Http(string socket) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, ct) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), ct);
            return new NetworkStream(connection, ownsSocket: true);
        },
    });

    static async Task<string> CurlAsync(TestDaemon daemon, string address, params string[] more)
    {
        string[] arguments = ["-sS", "--fail-with-body", "--unix-socket", daemon.Paths.Socket, $"http://-/v1/{address}", .. more];
        using var curl = Process.Start(new ProcessStartInfo("curl", arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        string output = await curl.StandardOutput.ReadToEndAsync(Ct);
        await curl.WaitForExitAsync(Ct);
        Assert.True(curl.ExitCode == 0, output);
        return output;
    }
}
