using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.PlugIns;

/// <summary>A plug-in folder with the sample in it.</summary>
sealed class Plugged : IDisposable
{
    readonly TempFolder _folder = new();

    public Plugged()
    {
        Add(System.IO.Path.GetFileName(Sample), System.IO.Path.GetFileName(Sample));
    }

    /// <summary>Another of the samples that lie beside the tests, under a name of its own.</summary>
    public void Add(string sample, string name)
    {
        File.Copy(System.IO.Path.Combine(AppContext.BaseDirectory, sample), this[name]);
        File.SetUnixFileMode(this[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public static string Sample => System.IO.Path.Combine(AppContext.BaseDirectory, "Ublk.Samples.Xor.dll");

    public string Path => _folder.Path;

    public string Xor => _folder["Ublk.Samples.Xor.dll"];

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    /// <summary>Makes the sample one that was built for another version of the contract.</summary>
    public void BuildFor(ushort major, ushort minor)
    {
        byte[] image = File.ReadAllBytes(Xor);
        int row = RowOfContract(image);
        BitConverter.TryWriteBytes(image.AsSpan(row), major); // ECMA-335 II.22.5: AssemblyRef begins with MajorVersion, MinorVersion
        BitConverter.TryWriteBytes(image.AsSpan(row + 2), minor);
        File.WriteAllBytes(Xor, image);
    }

    static int RowOfContract(byte[] image)
    {
        using var pe = new PEReader(new MemoryStream(image));
        var metadata = pe.GetMetadataReader();
        var contract = metadata.AssemblyReferences
            .Single(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name) == "Ublk.Abstractions");
        int row = MetadataTokens.GetRowNumber(contract) - 1;
        return pe.PEHeaders.MetadataStartOffset
            + metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
            + (row * metadata.GetTableRowSize(TableIndex.AssemblyRef));
    }
}
