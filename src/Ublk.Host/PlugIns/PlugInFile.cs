using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ublk.Host.PlugIns;

/// <summary>An assembly file that has targets or dirty logs for this version of the contract. Read from its metadata: nothing of it is loaded.</summary>
/// <param name="Path">The file.</param>
/// <param name="TypeNames">Full names of its public, not abstract types below <see cref="TargetType"/> and <see cref="DirtyLogType"/>.</param>
sealed record PlugInFile(string Path, IReadOnlyList<string> TypeNames)
{
    /// <summary>Null, and the reason, when it is not a plug-in for us.</summary>
    public static PlugInFile? Read(string path, out string refusal)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var image = new PEReader(file);
            if (!image.HasMetadata) return No("it is not a .NET assembly", out refusal);
            var metadata = image.GetMetadataReader();
            if (!metadata.IsAssembly) return No("it is a .NET module, not an assembly", out refusal);
            if (ContractOf(metadata) is not { } built) return No("it is not a plug-in: it does not use Ublk.Abstractions", out refusal);
            if (RefuseVersion(built, Contract) is { } why) return No(why, out refusal);

            string[] names = [.. TypesOf(metadata)];
            if (names.Length == 0) return No("it has no public class that derives from TargetType or DirtyLogType", out refusal);
            refusal = "";
            return new PlugInFile(path, names);
        }
        catch (Exception e) when (e is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            return No(e is BadImageFormatException ? "it is not a .NET assembly" : e.Message, out refusal);
        }
    }

    internal static string? RefuseVersion(Version built, Version ours) =>
        built.Major != ours.Major || built.Minor > ours.Minor
            ? $"it was built for Ublk.Abstractions {built.ToString(2)}, this is {ours.ToString(2)}; use a build for this version"
            : null;

    static Version Contract => typeof(TargetType).Assembly.GetName().Version!;

    static PlugInFile? No(string why, out string refusal)
    {
        refusal = why;
        return null;
    }

    static Version? ContractOf(MetadataReader metadata)
    {
        string contract = typeof(TargetType).Assembly.GetName().Name!;
        foreach (var handle in metadata.AssemblyReferences)
        {
            var reference = metadata.GetAssemblyReference(handle);
            if (metadata.StringComparer.Equals(reference.Name, contract)) return reference.Version;
        }

        return null;
    }

    static IEnumerable<string> TypesOf(MetadataReader metadata)
    {
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            bool constructible = (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public
                && (type.Attributes & TypeAttributes.Abstract) == 0;
            if (constructible && IsOurs(metadata, type.BaseType)) yield return FullName(metadata, type.Namespace, type.Name);
        }
    }

    // Directly, or through a base class of the same assembly.
    static bool IsOurs(MetadataReader metadata, EntityHandle baseType)
    {
        switch (baseType.Kind)
        {
            case HandleKind.TypeReference:
                var reference = metadata.GetTypeReference((TypeReferenceHandle)baseType);
                string name = FullName(metadata, reference.Namespace, reference.Name);
                return name == typeof(TargetType).FullName || name == typeof(DirtyLogType).FullName;
            case HandleKind.TypeDefinition when !baseType.IsNil:
                return IsOurs(metadata, metadata.GetTypeDefinition((TypeDefinitionHandle)baseType).BaseType);
            default:
                return false;
        }
    }

    static string FullName(MetadataReader metadata, StringHandle space, StringHandle name) =>
        space.IsNil ? metadata.GetString(name) : $"{metadata.GetString(space)}.{metadata.GetString(name)}";
}
