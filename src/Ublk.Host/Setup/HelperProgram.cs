using Ublk.Engine;

namespace Ublk.Host.Setup;

/// <summary>The program <c>ublk-dm</c>, which lies beside this one and is its helper process too; see <see cref="Interop.HelperVerb"/>.</summary>
static class HelperProgram
{
    /// <exception cref="DmException">It is not there.</exception>
    public static string Find() => FindIn(AppContext.BaseDirectory);

    internal static string FindIn(string folder)
    {
        string path = Path.Combine(folder, "ublk-dm");
        return File.Exists(path)
            ? path
            : throw new DmException(DmFailure.Failed, $"{path}: no such file; ublk-dm belongs beside ublk-dmd, install both in one folder");
    }
}
