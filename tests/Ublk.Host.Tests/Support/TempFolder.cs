namespace Ublk.Host.Tests.Support;

/// <summary>A folder of its own for one test. Short, since the path of a Unix socket has at most 107 bytes.</summary>
sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ublk-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
