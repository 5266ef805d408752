namespace Ublk.Host.Helpers;

/// <summary>How this program starts itself as a helper process.</summary>
static class HelperCommand
{
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
