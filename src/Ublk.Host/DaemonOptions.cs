using Ublk.Control;

namespace Ublk.Host;

/// <summary>The daemon's command line. Parsed by hand: there are a handful of options, and each library loaded costs start-up time.</summary>
sealed record DaemonOptions
{
    public const string DefaultPlugInFolder = "/usr/lib/ublk-dm/targets";

    public const string HelpText = """
        ublk-dmd: holds the devices that ublk-dm makes. ublk-dm starts it when it is needed.

        Usage: ublk-dmd [options]

          --foreground     log to the terminal and stay in its session
          --socket PATH    where clients connect (/run/ublk-dm/control.sock); its log and lock are beside it
          --state DIR      what outlives the daemon: manifests of cuts, stores nobody named (/var/lib/ublk-dm)
          --plugins DIR    folder of target plug-ins (/usr/lib/ublk-dm/targets)
          --workers N      worker threads (one for each CPU, at most 4)
          --pin            each worker stays on its part of the CPUs; pays when there are more CPUs than busy programs
          --poll US        a worker looks for work so many microseconds before it sleeps (0): answers come sooner, and
                           each worker with I/O now and then burns up to a whole CPU; an idle one sleeps all the same
          --buffers SIZE   memory for requests' bytes, of all devices together (256m): so much is kept for
                           copy mode, and as much may be rented for the others
          --doctor --json  look at the machine, print what was found, and end
          --help           this text

        It ends by SIGTERM once no device is left, and by `ublk-dm shutdown --force` in any case.

        """;

    public ControlPaths Paths { get; init; } = new(ControlPaths.DefaultSocket);

    /// <summary>What outlives the daemon and the boot.</summary>
    public string StateFolder { get; init; } = "/var/lib/ublk-dm";

    /// <summary>Null: <see cref="DefaultPlugInFolder"/>, which need not exist.</summary>
    public string? PlugInFolder { get; init; }

    /// <summary>0: the engine chooses.</summary>
    public int Workers { get; init; }

    /// <summary>Microseconds; 0: no polling.</summary>
    public int PollUs { get; init; }

    public bool Pin { get; init; }

    public long BufferBytes { get; init; } = new Ublk.Engine.EngineOptions().BufferBytes;

    public bool Foreground { get; init; }

    public bool Doctor { get; init; }

    public bool Help { get; init; }

    /// <summary>For one operation of the engine.</summary>
    public TimeSpan OperationLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What an operation is given beyond the engine's own limit, which knows what it waited for.</summary>
    public TimeSpan OperationGrace { get; init; } = TimeSpan.FromSeconds(5);

    public static DaemonOptions Parse(string[] args)
    {
        var options = new DaemonOptions();
        for (int i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--foreground" => options with { Foreground = true },
                "--doctor" => options with { Doctor = true },
                "--json" => options,
                "--help" or "-h" or "-?" => options with { Help = true },
                "--socket" => options with { Paths = new ControlPaths(Path.GetFullPath(Value(args, ref i))) },
                "--state" => options with { StateFolder = Path.GetFullPath(Value(args, ref i)) },
                "--plugins" => options with { PlugInFolder = Path.GetFullPath(Value(args, ref i)) },
                "--workers" => options with { Workers = Number(args, ref i, 1, Environment.ProcessorCount, ", the number of CPUs") },
                "--pin" => options with { Pin = true },
                "--poll" => options with { PollUs = Number(args, ref i, 0, 10_000, " microseconds") },
                "--buffers" => options with { BufferBytes = Mebibytes(args, ref i) },
                _ => throw new UsageException($"{args[i]}: no such option; see ublk-dmd --help"),
            };
        }

        return options;
    }

    static string Value(string[] args, ref int i) =>
        i + 1 < args.Length ? args[++i] : throw new UsageException($"{args[i]} needs a value; see ublk-dmd --help");

    static int Number(string[] args, ref int i, int least, int most, string of)
    {
        string name = args[i];
        string text = Value(args, ref i);
        return int.TryParse(text, out int number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{name} {text}: not a number from {least} to {most}{of}");
    }

    static long Mebibytes(string[] args, ref int i)
    {
        const int least = 16, most = 65536;
        string name = args[i];
        string text = Value(args, ref i);
        int unit = text.EndsWith('g') ? 1024 : text.EndsWith('m') ? 1 : 0;
        return unit > 0 && int.TryParse(text.AsSpan(0, text.Length - 1), out int size) && (long)size * unit is >= least and <= most
            ? (long)size * unit << 20
            : throw new UsageException($"{name} {text}: not a size from {least}m to {most / 1024}g, written like 256m or 1g");
    }
}
