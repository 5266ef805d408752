namespace Ublk.Control;

/// <summary>The process that holds a daemon's folder, as /proc has it. For the moment when the daemon itself does not answer.</summary>
public sealed class DaemonProcess
{
    const uint PF_EXITING = 0x4; // linux/sched.h

    readonly int _id;

    DaemonProcess(int id) => _id = id;

    /// <summary>Null when there is none.</summary>
    public static DaemonProcess? Find(ControlPaths paths) =>
        HolderOf(paths) is { } id && Read($"/proc/{id}/comm") == "ublk-dmd" ? new DaemonProcess(id) : null;

    /// <summary>The id that the last daemon of a folder wrote; null when there was none.</summary>
    public static int? HolderOf(ControlPaths paths) => int.TryParse(Read(paths.ProcessId), out int id) ? id : null;

    /// <summary>It was killed, or has ended, and the kernel has not let go of it yet.</summary>
    public bool IsEnding =>
        Stat($"/proc/{_id}") is [var state, ..] stat && (state is "Z" or "X" || (stat.Length > 6 && uint.TryParse(stat[6], out uint flags) && (flags & PF_EXITING) != 0));

    /// <summary>One phrase: what it is doing, as far as the kernel tells.</summary>
    public string Describe()
    {
        string what = IsEnding ? $"ublk-dmd (process {_id}) was killed and cannot end" : $"ublk-dmd (process {_id}) runs";
        foreach (string thread in Threads())
        {
            if (Stat(thread) is ["D", ..])
                return $"{what}: its thread {Path.GetFileName(thread)} waits in the kernel in {Place(thread)}";
        }

        return what;
    }

    // The innermost functions of its stack, which only root may read; else the one that it sleeps in.
    static string Place(string thread)
    {
        string[] stack = [.. Read($"{thread}/stack").Split('\n').Select(line => line.Split(' ', '+')).Where(words => words.Length > 1).Select(words => words[1])];
        return stack.Length > 0 ? string.Join(" < ", stack.Take(4)) : Read($"{thread}/wchan") is { Length: > 1 } function ? function : "a place that only root may know";
    }

    IEnumerable<string> Threads()
    {
        try
        {
            return Directory.GetDirectories($"/proc/{_id}/task");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The words behind the name, which is in parentheses and may contain anything: state, parent, ...; null when it has gone.
    static string[]? Stat(string process) =>
        Read($"{process}/stat") is { Length: > 0 } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : null;

    static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
