using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ublk.Control;

namespace Ublk.Cli;

/// <summary>One run of the command: whom it talks to, and how it answers.</summary>
sealed class Session : IDisposable
{
    Session(ParseResult parsed)
    {
        Parsed = parsed;
        Json = parsed.GetValue(CommonOptions.Json);
        Paths = new ControlPaths(Path.GetFullPath(parsed.GetValue(CommonOptions.Socket)!));
        Client = new ControlClient(Paths) { OnSilence = Note };
    }

    public ParseResult Parsed { get; }

    public bool Json { get; }

    public ControlPaths Paths { get; }

    public ControlClient Client { get; }

    /// <summary>Tells the user something that is no failure.</summary>
    public void Note(string line) => Parsed.InvocationConfiguration.Error.WriteLine($"note: {line}");

    public TextWriter Out => Parsed.InvocationConfiguration.Output;

    /// <summary>Runs a verb, and tells its failure in one line.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Func<Session, CancellationToken, Task<int>> verb, CancellationToken ct)
    {
        using var session = new Session(parsed);
        try
        {
            return await verb(session, ct);
        }
        catch (ControlException e)
        {
            await CommandLine.WriteErrorAsync(parsed.InvocationConfiguration.Error, e.Message, e.Kind, session.Json);
            return e.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await CommandLine.WriteErrorAsync(parsed.InvocationConfiguration.Error, e.Message, ErrorKind.Failed, session.Json);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return 130; // as a shell says for SIGINT
        }
    }

    public void Dispose() => Client.Dispose();

    public void PrintJson<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Asks about a device. Without a daemon there is none, and none is started for the question.</summary>
    public async Task<T> AskAboutAsync<T>(string name, Func<ControlClient, Task<T>> ask)
    {
        try
        {
            return await ask(Client);
        }
        catch (ControlException e) when (e.Kind == ErrorKind.NotRunning)
        {
            throw new ControlException(
                ErrorKind.NotFound, DeadDaemon.Find(Paths) is { } dead ? $"{name}: no such device; {dead}" : $"{name}: no such device; ublk-dmd is not running, so there are none", e);
        }
    }

    /// <summary>All devices. None without a daemon, unless one died, or the user named where it must be.</summary>
    public async Task<DeviceReply[]> ListAsync(CancellationToken ct)
    {
        try
        {
            return await Client.ListAsync(ct);
        }
        catch (ControlException e) when (e.Kind == ErrorKind.NotRunning)
        {
            if (DeadDaemon.Find(Paths) is { } dead) throw new ControlException(ErrorKind.NotRunning, dead, e);
            if (Parsed.GetResult(CommonOptions.Socket) is { Implicit: false })
                throw new ControlException(ErrorKind.NotRunning, $"no ublk-dmd answers on {Paths.Socket}; the next create --socket {Paths.Socket} starts one", e);
            return [];
        }
    }
}
