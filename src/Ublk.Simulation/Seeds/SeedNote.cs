namespace Ublk.Simulation;

/// <summary>
/// The seed under way, in a file beside the test: a bug on a worker ends the process at once (FailFast), and then nobody else can
/// tell which seed it was. The file goes when the scenario ends otherwise.
/// </summary>
sealed class SeedNote : IDisposable
{
    readonly string _path;
    readonly FileStream _file;

    public SeedNote(string scenario)
    {
        string name = string.Concat(scenario.Split(Path.GetInvalidFileNameChars()));
        _path = Path.Combine(Path.GetTempPath(), $"ublk-sim-{Environment.ProcessId}-{name}.seed");
        _file = new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    public void Write(ulong seed)
    {
        _file.Position = 0;
        _file.Write(System.Text.Encoding.ASCII.GetBytes($"{seed}\n"));
    }

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_path);
    }
}
