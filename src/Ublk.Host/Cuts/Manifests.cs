using System.Text.Json;
using Ublk.Control;

namespace Ublk.Host.Cuts;

/// <summary>The sets that were cut, one file for each, in the daemon's state folder.</summary>
sealed class Manifests(DaemonOptions options)
{
    string Folder => Path.Combine(options.StateFolder, "cuts");

    public string PathOf(string id) => Path.Combine(Folder, id + ".json");

    /// <summary>Finds out before the cut whether a manifest could be kept.</summary>
    public void Check()
    {
        Directory.CreateDirectory(Folder);
        string probe = Path.Combine(Folder, ".probe");
        File.WriteAllBytes(probe, [0]);
        File.Delete(probe);
    }

    /// <summary>Whole or not at all, also through a power failure.</summary>
    public void Keep(CutManifest manifest)
    {
        string path = PathOf(manifest.Id);
        using (var file = new FileStream(path + ".new", FileMode.Create))
        {
            JsonSerializer.Serialize(file, manifest, ControlJson.Indented.CutManifest);
            file.Write("\n"u8);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}
