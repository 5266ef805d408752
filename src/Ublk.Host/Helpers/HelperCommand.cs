using System.Runtime.InteropServices;

namespace Ublk.Host.Helpers;

/// <summary>How this program starts itself as a helper process.</summary>
static class HelperCommand
{
    /// <summary>Done when the helper's input has ended: whoever started it is finished with it, or dead.</summary>
    public static Task InputEnd() => Task.Run(static () =>
    {
        while (Console.In.Read() >= 0)
        {
        }
    });

    /// <summary>A signal to the whole process group must not end a helper before it has put things right again.</summary>
    public static PosixSignalRegistration[] IgnoreSignals() =>
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }
            .Select(signal => PosixSignalRegistration.Create(signal, static context => context.Cancel = true))];

    /// <summary>The program, or <c>dotnet</c> and its assembly.</summary>
    public static IReadOnlyList<string> Own
    {
        get
        {
            string program = Environment.ProcessPath ?? "/proc/self/exe";
            return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, typeof(HelperCommand).Assembly.Location] : [program];
        }
    }
}
