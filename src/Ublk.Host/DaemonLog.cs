using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Ublk.Host;

/// <summary>
/// Where the daemon's words go. Not to stdout or the journal unless a person watches: whoever reads those may be waiting for a
/// disk of ours. /run is memory.
/// </summary>
static class DaemonLog
{
    const string Layout = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";
    const int FileBytes = 4 << 20;

    public static Logger Open(DaemonOptions options)
    {
        var log = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning);
        return options.Foreground
            ? log.WriteTo.Console(outputTemplate: Layout).CreateLogger()
            : log.WriteTo.File(
                options.Paths.Log, outputTemplate: Layout, fileSizeLimitBytes: FileBytes, rollOnFileSizeLimit: true, retainedFileCountLimit: 3)
                .CreateLogger();
    }
}
