using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Ublk.Targets.Log;

sealed partial class TrackTarget
{
    const string ReaderCharacters = "letters, digits and . _ - : / @ +";

    public override async ValueTask<string> MessageAsync(string[] words, CancellationToken ct) => words switch
    {
        ["checkpoint"] => Text((await CloseAsync(null)).Epoch),
        ["reader", "add", var name] => await AddReaderAsync(words, name, 0),
        ["reader", "add", var name, "since", var since] => await AddReaderAsync(words, name, Number(words, 4, since)),
        ["reader", "remove", var name] => await RemoveReaderAsync(words, name),
        ["reader", "advance", var name, var to] => await AdvanceAsync(words, name, Number(words, 3, to)),
        ["readers"] => string.Join('\n', (await StateAsync()).Readers.Select(reader => $"{reader.Name} {reader.Base} {reader.Previous}")),
        _ => throw new TableException(1, $"'{string.Join(' ', words)}' is no message to track; there are checkpoint, reader add <name> [since <epoch>], "
            + "reader remove <name>, reader advance <name> <epoch> and readers"),
    };

    /// <summary>
    /// <c>changes since E [until F]</c> and <c>take R</c>. The first line is <c>ranges since E until F block-sectors B sectors N</c>, or <c>full until F reason</c>; then
    /// what <see cref="ChangeText"/> says. F is 0 for now.
    /// </summary>
    public override async ValueTask<IAsyncEnumerable<ReadOnlyMemory<byte>>> StreamAsync(string[] words, CancellationToken ct) => words switch
    {
        ["changes", "since", var since] => Answer(await RunningAsync(), Number(words, 2, since), 0),
        ["changes", "since", var since, "until", var until] => Answer(await RunningAsync(), Number(words, 2, since), Number(words, 4, until, 1)),
        ["take", var name] => await TakeAsync(words, name, null),
        ["take", var name, "since", var since] => await TakeAsync(words, name, Number(words, 3, since)),
        _ => throw new TableException(1, $"'{string.Join(' ', words)}' is nothing that track streams; there are changes since <epoch> [until <epoch>] and take <reader> [since <epoch>]"),
    };

    /// <summary>
    /// One step: the epoch ends, and the reader has everything up to there. What it gets is what changed since its last time; or since the time before, if it
    /// says that it knows no later one, because the last answer was lost; and since 0 it has nothing.
    /// </summary>
    async ValueTask<IAsyncEnumerable<ReadOnlyMemory<byte>>> TakeAsync(string[] words, string name, ulong? since)
    {
        TrackReader reader = Find(words, name, await StateAsync());
        if (since is { } known and not 0 && !reader.Pins(known))
            throw new TableException(4, $"reader {name} stands on checkpoint {reader.Base}, and before on {reader.Previous}, never on {known}", words[0]);
        ulong from = since ?? reader.Base;
        (ulong epoch, TrackState state) = await CloseAsync(reader, from);
        return from == 0 ? Full(epoch, $"reader {name} has taken nothing before") : Answer(state, from, epoch);
    }

    /// <summary>Ends the epoch; with a reader, that has everything up to there from then on.</summary>
    async ValueTask<(ulong Epoch, TrackState State)> CloseAsync(TrackReader? reader, ulong from = 0)
    {
        CheckWorks(await StateAsync());
        // What is left of a time at which this failed.
        await FoldAsync();
        TrackState before = await StateAsync();
        ulong epoch = before.OpenEpoch;
        TrackReader? changed = reader is null ? null : new TrackReader(reader.Name, epoch, from);
        ImmutableArray<TrackReader> readers = changed is null ? before.Readers : TrackMap.With(before.Readers, changed);
        var next = new BlockStates(geometry);
        Errno error = await _io!.InvokeAsync<Errno>(() => _shard!.Decide(new TrackDecision(next, readers, changed)));
        await FoldAsync();
        if (error != Errno.None)
        {
            await TakeBackAsync(before.Readers, reader, changed);
            throw Failed(await StateAsync());
        }
        return (epoch, await StateAsync());
    }

    /// <summary>What was just closed becomes history. Nobody changes it any more, so this thread may read it.</summary>
    async ValueTask FoldAsync()
    {
        bool isFolded = false;
        while (!isFolded)
        {
            TrackMap map = _shard!.Current;
            EpochHistory history = map.History;
            if (map.Closed is not { } closed)
                return;
            EpochHistory next = history.Close(map.OpenEpoch - 1, EpochSet.Of(geometry, closed.Pages)).Prune(geometry, map.Readers, features.Keep);
            isFolded = await _io!.InvokeAsync<bool>(() => _shard.TryFold(next, history));
        }
    }

    async ValueTask<string> AddReaderAsync(string[] words, string name, ulong since)
    {
        if (name.Length > TrackReader.LongestName || name.AsSpan().ContainsAnyExcept(s_readerCharacters) || name.Length == 0)
            throw new TableException(3, $"'{name}' is no name for a reader: 1 to {TrackReader.LongestName} {ReaderCharacters}", words[0]);
        TrackState state = await StateAsync();
        if (state.Readers.Any(reader => reader.Name == name))
            throw new TableException(3, $"there is a reader {name} already; remove it first, or choose another name", words[0]);
        if (state.Readers.Length >= limits.MostReaders)
            throw new TableException(3, $"there are {state.Readers.Length} readers, which is the most; remove one", words[0]);
        CheckKept(words, 5, state, since, orNone: true);
        return await ChangeAsync(state, new TrackReader(name, since, 0), null);
    }

    async ValueTask<string> AdvanceAsync(string[] words, string name, ulong to)
    {
        TrackState state = await StateAsync();
        TrackReader reader = Find(words, name, state, at: 3);
        CheckKept(words, 4, state, to, orNone: false);
        return await ChangeAsync(state, new TrackReader(name, to, reader.Base), reader);
    }

    async ValueTask<string> RemoveReaderAsync(string[] words, string name)
    {
        TrackState state = await StateAsync();
        return await ChangeAsync(state, null, Find(words, name, state, at: 3));
    }

    async ValueTask<string> ChangeAsync(TrackState before, TrackReader? changed, TrackReader? known)
    {
        CheckWorks(before);
        ImmutableArray<TrackReader> readers = changed is null ? before.Readers.Remove(known!) : TrackMap.With(before.Readers, changed);
        Errno error = await _io!.InvokeAsync<Errno>(() => _shard!.Decide(new TrackDecision(null, readers, changed, changed is null ? known!.Name : null)));
        if (error == Errno.None)
            return "";
        await TakeBackAsync(before.Readers, known, changed);
        throw Failed(await StateAsync());
    }

    /// <summary>Nobody was told that it is so: the readers stand where they stood, also when the metadata works again.</summary>
    async ValueTask TakeBackAsync(ImmutableArray<TrackReader> readers, TrackReader? known, TrackReader? changed) =>
        await _io!.InvokeAsync<Errno>(() => _shard!.Decide(new TrackDecision(null, readers, known, known is null ? changed?.Name : null)));

    IAsyncEnumerable<ReadOnlyMemory<byte>> Answer(TrackState state, ulong since, ulong until)
    {
        EpochHistory history = state.History;
        if (since >= state.OpenEpoch)
            throw new TableException(3, Future(since, state), "since");
        if (until >= state.OpenEpoch)
            throw new TableException(5, Future(until, state), "until");
        if (until != 0 && until < since)
            throw new TableException(5, $"checkpoint {until} is before {since}", "until");
        if (since < history.Floor)
            return Full(until, $"nothing is known of what changed before checkpoint {history.Floor}: {history.FloorReason}");
        if (!history.Knows(since))
            return Full(until, $"checkpoint {since} was not kept: {EpochHistory.NotKept}");
        if (until != 0 && !history.Knows(until))
            return Full(until, $"checkpoint {until} was not kept: {EpochHistory.NotKept}");
        EpochSet set = history.Between(geometry, since, until == 0 ? history.Last : until)!;
        if (until == 0)
            set = EpochSet.Merge(geometry, set, EpochSet.Of(geometry, state.Open!.Pages));
        string header = string.Create(CultureInfo.InvariantCulture, $"ranges since {since} until {until} block-sectors {geometry.BlockSectors} sectors {geometry.SectorCount}");
        return ChangeText.Lines(geometry, header, set);
    }

    static IAsyncEnumerable<ReadOnlyMemory<byte>> Full(ulong until, string reason) =>
        ChangeText.One(string.Create(CultureInfo.InvariantCulture, $"full until {until} {reason}\n"));

    static string Future(ulong epoch, TrackState state) => $"there was no checkpoint {epoch} yet; the last is {state.History.Last}";

    static void CheckKept(string[] words, int at, TrackState state, ulong epoch, bool orNone)
    {
        if (epoch >= state.OpenEpoch)
            throw new TableException(at, Future(epoch, state), words[0]);
        if (!(orNone && epoch == 0) && !state.History.Knows(epoch))
            throw new TableException(at, $"checkpoint {epoch} is not kept, so nobody can go on from there; the last is {state.History.Last}", words[0]);
    }

    static TrackReader Find(string[] words, string name, TrackState state, int at = 2) =>
        state.Readers.FirstOrDefault(reader => reader.Name == name)
        ?? throw new TableException(at, $"there is no reader {name}; reader add {name} makes one", words[0]);

    async ValueTask<TrackState> RunningAsync()
    {
        CheckRuns();
        return await StateAsync();
    }

    void CheckRuns()
    {
        if (!ownership.IsRunning(this))
            throw new TableException(0, "the device is suspended, and its map may be in other hands; resume it first");
    }

    void CheckWorks(TrackState state)
    {
        CheckRuns();
        if (state.Problem is not null)
            throw Failed(state);
    }

    static TableException Failed(TrackState state) =>
        new(0, $"it could not be made durable, and nothing was changed: {state.Problem ?? "the metadata device failed"}; it is tried again every few seconds");

    static ulong Number(string[] words, int at, string text, ulong min = 0) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number >= min ? number
        : throw new TableException(at + 1, $"'{text}' is no epoch", words[at - 1]);

    static string Text(ulong epoch) => epoch.ToString(CultureInfo.InvariantCulture);

    static readonly System.Buffers.SearchValues<char> s_readerCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@+");
}
