namespace Ublk.Engine.Tests;

/// <summary>A folder that is gone when disposed.</summary>
sealed class TempFolder : IDisposable
{
    public TempFolder(string? parent = null) => Path = Directory.CreateDirectory($"{parent ?? "/var/tmp"}/ublk-engine-{Guid.NewGuid():N}").FullName;

    public string Path { get; }

    /// <summary>A file of so many sectors, sparse unless filled.</summary>
    public string File(string name, ulong sectorCount, byte? fill = null)
    {
        string path = At(name);
        using FileStream file = System.IO.File.Create(path);
        file.SetLength((long)sectorCount << Sectors.Shift);
        if (fill is { } value)
        {
            byte[] bytes = new byte[sectorCount << Sectors.Shift];
            bytes.AsSpan().Fill(value);
            file.Write(bytes);
        }
        return path;
    }

    public string At(string name) => $"{Path}/{name}";

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
