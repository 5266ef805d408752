using System.Reflection;

namespace Ublk.Host;

/// <summary>An assembly's version as people write it.</summary>
static class ProductVersion
{
    public static string Of(Assembly assembly) => assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
