using System.Runtime.InteropServices;
using Ublk.Engine;
using Ublk.Formats.Requests;

namespace Ublk.Simulation.Tests;

/// <summary>Somebody who reads a request log: at once, slowly, or only when everything is over.</summary>
sealed class LogReading
{
    public required RecordOps Ops { get; init; }

    public required ulong First { get; init; }

    public required ulong End { get; init; }

    public required bool WantsDirty { get; init; }

    public required bool IsWholeRange { get; init; }

    public List<RequestRecord> Records { get; } = [];

    public RequestLogHeader? Header { get; private set; }

    /// <summary>Done when the stream has ended.</summary>
    public Task Done { get; private set; } = Task.CompletedTask;

    public static async Task<LogReading> StartAsync(Simulation simulation, MappedDevice device, int sectors, Func<bool> mayRead)
    {
        Prng prng = simulation.Prng;
        bool isWhole = prng.Chance(70);
        int first = isWhole ? 0 : prng.Below(sectors), count = isWhole ? sectors : prng.Between(1, sectors - first);
        var ops = (RecordOps)(prng.Chance(50) ? 31 : prng.Between(1, 31));
        bool wantsDirty = (ops & RecordOps.Changing) == RecordOps.Changing && prng.Chance(60);
        var reading = new LogReading { Ops = ops, First = (ulong)first, End = (ulong)(first + count), WantsDirty = wantsDirty, IsWholeRange = isWhole };
        string[] words =
        [
            "log", "follow", $"op={OpLetters.Of(ops)}", .. isWhole ? Array.Empty<string>() : [$"range={first}+{count}"],
            .. wantsDirty ? ["overflow=dirty"] : Array.Empty<string>(),
        ];
        IAsyncEnumerable<ReadOnlyMemory<byte>> pieces = await device.StreamAsync(0, words, default);
        reading.Done = reading.ReadAsync(simulation, pieces, prng.Pick(0, 0, 30, 500), prng.Chance(25) ? mayRead : () => true);
        return reading;
    }

    /// <summary>Whether a record of such a request is for this reader.</summary>
    public bool Wants(Witnessed request) => ((int)Ops >> (int)request.Op & 1) != 0
        && (request.Op == BlockOp.Flush || (request.Sector < End && request.Sector + request.SectorCount > First));

    async Task ReadAsync(Simulation simulation, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, int pauseTurns, Func<bool> mayRead)
    {
        await foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            if (Header is null)
                Header = RequestLogHeader.Read(piece.Span);
            else
                Records.AddRange(MemoryMarshal.Cast<byte, RequestRecord>(piece.Span));
            if (pauseTurns > 0)
                await simulation.TurnsAsync(pauseTurns);
            if (!mayRead())
                await simulation.UntilAsync(mayRead);
        }
    }
}
