using System.Text;
using Ublk.Formats.LogWrites;

namespace Ublk.Targets.Log;

sealed class LogWritesTarget(
    BackingDevice device, BackingDevice log, ulong sectorCount, uint sectorBytes, ITargetServices services, int copyBytes, LogWritesFaults faults) : Target
{
    /// <summary>Of a request: many must fit into the memory for copies.</summary>
    const uint MostSectors = (1 << 20) / Sectors.Bytes;

    const int RequestsInMemory = 8;

    TargetIo? _io;
    LogWritesShard? _shard;

    public override ulong SectorCount => sectorCount;

    /// <summary>As in the kernel there is no write-zeroes: it comes as a write of zeroes, and is logged as one.</summary>
    public override BlockOps Ops => device.Ops & ~BlockOps.WriteZeroes;

    public override string Table => $"{device.Word} {log.Word}";

    /// <summary>One log, one order.</summary>
    public override object Home => this;

    public override bool SeesData => true;

    public override TargetShard Open(TargetIo io)
    {
        _io = io;
        return _shard = new LogWritesShard(io, device, log, sectorBytes, services, copyBytes, faults);
    }

    public override void Limit(ref BlockLimits limits)
    {
        limits.LogicalBlockBytes = Math.Max(limits.LogicalBlockBytes, sectorBytes);
        uint most = Math.Min(MostSectors, (uint)copyBytes / RequestsInMemory / sectorBytes * sectorBytes / Sectors.Bytes);
        limits.MaxSectors = limits.MaxSectors == 0 ? most : Math.Min(limits.MaxSectors, most);
    }

    public override async ValueTask<string> InfoAsync(CancellationToken ct)
    {
        LogWritesState state = await StateAsync();
        return $"{state.End.EntryCount} {state.End.Sector - 1}{(state.Disabled == LogDisabled.No ? "" : " logging_disabled")}";
    }

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        LogWritesState state = await StateAsync();
        double percent = 100.0 * state.End.Sector / log.SectorCount;
        return
        [
            new("state", state.Disabled switch
            {
                LogDisabled.No => "logging",
                LogDisabled.Full => "not logging: the log is full",
                _ => "not logging: the log device gave an error",
            }, Advice: state.Disabled switch
            {
                LogDisabled.No => null,
                LogDisabled.Full => $"what was written since is not in the log, which is right up to there; remove the device and give it a log device larger than {log}",
                _ => $"what was written since is not in the log; see to {log}, then remove the device and create it again",
            }),
            new("entries", $"{state.End.EntryCount}", state.End.EntryCount, "entries"),
            new("log used", $"{percent:F1} %", percent, "percent"),
            new("waiting for a flush", $"{state.Unflushed} writes", state.Unflushed, "requests"),
            new("logged before a flush", $"{state.Early} writes", state.Early, "requests"),
            new("failed and not logged", $"{state.Failed} requests", state.Failed, "requests"),
        ];
    }

    public override async ValueTask<string> MessageAsync(string[] words, CancellationToken ct)
    {
        if (words.Length != 2 || !words[0].Equals("mark", StringComparison.OrdinalIgnoreCase))
        {
            throw new TableException(0, words is [var first, ..] && first.Equals("mark", StringComparison.OrdinalIgnoreCase)
                ? $"mark takes one word, its text; there are {words.Length - 1}. Quote a text with blanks: mark 'two words'"
                : $"'{string.Join(' ', words)}' is no message to log-writes; there is mark <text>");
        }
        byte[] text = Encoding.UTF8.GetBytes(words[1]);
        int most = LogWritesHeader.MostTextBytes(sectorBytes);
        if (text.Length == 0 || text.Length > most)
            throw new TableException(2, $"the text of a mark has 1 to {most} bytes, not {text.Length}", "text");
        Errno error = await _io!.InvokeAsync<Errno>(() => _shard!.Mark(text));
        return error switch
        {
            Errno.None => "",
            Errno.Busy => throw new TableException(0, "the device is suspended, and its log is closed until it is resumed; resume it first"),
            Errno.NoSpace => throw new TableException(0, $"{log} is full, and nothing is logged any more; the device itself goes on. Remove it and give it a larger log device"),
            _ => throw new TableException(0, $"{log} gave an error, and nothing is logged any more; the device itself goes on. See to the log device, then remove the device and create it again"),
        };
    }

    public override ValueTask DisposeAsync()
    {
        _shard?.Dispose();
        return base.DisposeAsync();
    }

    async ValueTask<LogWritesState> StateAsync() =>
        _io is { } io ? await io.InvokeAsync<LogWritesState>(() => _shard!.State) : new(new(0, sectorBytes / Sectors.Bytes), 0, 0, 0, LogDisabled.No);
}
