namespace Ublk.Engine;

/// <summary>Something about a file in use that nobody is told by the file system.</summary>
/// <param name="File">The file.</param>
/// <param name="Text">What, behind its name.</param>
/// <param name="Advice">What to do about it.</param>
readonly record struct FileNote(string File, string Text, string Advice)
{
    public StatusField ToField() => new("file", $"{File} {Text}", Advice: Advice);
}

/// <summary>Looks at the files of all devices every few seconds, so that an event tells what is noteworthy of one. [C] It only asks open descriptors.</summary>
sealed class FileWatch : IDisposable
{
    static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    readonly Lock _looking = new();
    readonly ITimer _timer;

    public FileWatch(DeviceMapper mapper, TimeProvider time) => _timer = time.CreateTimer(_ => Look(mapper), null, s_period, s_period);

    public void Dispose() => _timer.Dispose();

    /// <summary>A file server that does not answer must not pile up looks.</summary>
    void Look(DeviceMapper mapper)
    {
        if (!_looking.TryEnter())
            return;
        try
        {
            foreach (MappedDevice device in mapper.Devices)
                device.TellNotes();
        }
        finally
        {
            _looking.Exit();
        }
    }
}
