using System.IO.Compression;

namespace Ublk.Targets.Tests;

/// <summary>Images that the kernel wrote.</summary>
static class Golden
{
    public static MemoryDevice Image(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "golden", $"{name}.img.gz");
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var image = new MemoryStream();
        packed.CopyTo(image);
        var device = new MemoryDevice(name, ((ulong)image.Length + Sectors.Bytes - 1) / Sectors.Bytes);
        image.ToArray().CopyTo(device.Content, 0);
        return device;
    }
}
