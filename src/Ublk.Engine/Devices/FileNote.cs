namespace Ublk.Engine;

/// <summary>Something about a file in use that nobody is told by the file system.</summary>
/// <param name="File">The file.</param>
/// <param name="Text">What, behind its name.</param>
/// <param name="Advice">What to do about it.</param>
readonly record struct FileNote(string File, string Text, string Advice)
{
    public StatusField ToField() => new("file", $"{File} {Text}", Advice: Advice);
}
