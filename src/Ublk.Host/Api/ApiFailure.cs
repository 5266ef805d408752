using System.Text.Json;
using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Api;

/// <summary>What an exception is to the client.</summary>
static class ApiFailure
{
    /// <param name="e">What was thrown.</param>
    /// <param name="what">The operation, for the failures that do not say it: <c>suspend snap0</c>.</param>
    /// <param name="limit">How long it was given.</param>
    public static ErrorReply Explain(Exception e, string what, TimeSpan limit) => e switch
    {
        DmException dm => new ErrorReply(dm.Message, Kind(dm.Failure)),
        TableException { Argument: 0 } table => new ErrorReply(table.Message, ErrorKind.Failed),
        TableException { What: { } name } table => new ErrorReply($"argument {table.Argument} ({name}): {table.Message}", ErrorKind.Failed),
        TableException table => new ErrorReply($"argument {table.Argument}: {table.Message}", ErrorKind.Failed),
        UsageException => new ErrorReply(e.Message, ErrorKind.Usage),
        JsonException json => new ErrorReply($"request body of {what}: {BodyMistake.Explain(json)}", ErrorKind.Usage),
        BadHttpRequestException => new ErrorReply($"request body of {what}: {e.Message}", ErrorKind.Usage),
        OperationCanceledException => new ErrorReply(
            $"{what}: given up after {limit.TotalSeconds:0.#} s, waiting for the engine to finish it", ErrorKind.TimedOut),
        _ => new ErrorReply(
            $"{what}: internal error, please report it: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}", ErrorKind.Failed),
    };

    /// <summary>True for what no input should cause: the log gets the whole of it.</summary>
    public static bool IsInternal(Exception e) =>
        e is not (DmException or TableException or UsageException or JsonException or BadHttpRequestException or OperationCanceledException);

    public static int Status(ErrorKind kind) => kind switch
    {
        ErrorKind.NotFound => StatusCodes.Status404NotFound,
        ErrorKind.Busy => StatusCodes.Status409Conflict,
        ErrorKind.TimedOut => StatusCodes.Status504GatewayTimeout,
        ErrorKind.Usage => StatusCodes.Status400BadRequest,
        ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    static ErrorKind Kind(DmFailure failure) => failure switch
    {
        DmFailure.NotFound => ErrorKind.NotFound,
        DmFailure.Busy => ErrorKind.Busy,
        DmFailure.TimedOut => ErrorKind.TimedOut,
        _ => ErrorKind.Failed,
    };
}
