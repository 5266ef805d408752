using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm message</c>.</summary>
static class MessageVerb
{
    /// <summary>May be any word, one that begins with - too.</summary>
    public const string Word = "WORD";

    public static Command Command()
    {
        var name = Verb.Name();
        var sector = new Argument<ulong>("SECTOR") { Description = "A sector of the table line that is meant; 0 for the first" };
        var words = new Argument<string[]>(Word) { Description = "The message", Arity = ArgumentArity.OneOrMore };
        return Verb.New("message", "Send a message to a target and print what it answers.", RunAsync, name, sector, words)
            .WithExamples("sudo ublk-dm message snap0 0 low_space 80 95                        events when the store is so full");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            var request = new MessageRequest(session.Parsed.GetRequiredValue(words), session.Parsed.GetValue(sector));
            var reply = await session.AskAboutAsync(device, client => client.MessageAsync(device, request, ct));
            if (session.Json) session.PrintJson(reply, ControlJson.Indented.MessageReply);
            else if (reply.Reply.Length > 0) session.Out.WriteLine(reply.Reply);
            return ExitCode.Ok;
        }
    }
}
