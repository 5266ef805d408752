using System.Globalization;
using System.Text;

namespace Ublk.Targets.Log;

/// <summary>
/// Changes as lines of text, ascending: <c>first-sector sector-count state</c>, where the state is <c>data</c> or <c>discarded</c>, and at the end
/// <c>end sector-count</c> with the sum, without which the answer was cut off.
/// </summary>
static class ChangeText
{
    const int PieceBytes = 1 << 16;
    const int LongestLineBytes = 64;

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Lines(TrackGeometry geometry, string header, EpochSet set)
    {
        await Task.CompletedTask;
        yield return Encoding.UTF8.GetBytes(header + "\n");
        byte[] piece = new byte[PieceBytes];
        int used = 0;
        ulong sum = 0;
        foreach ((ulong first, ulong count, BlockState state) in Ranges(geometry, set))
        {
            ulong sector = first << geometry.BlockShift;
            ulong sectors = Math.Min((first + count) << geometry.BlockShift, geometry.SectorCount) - sector;
            sum += sectors;
            used += Put(piece.AsSpan(used), sector, sectors, state);
            if (used > PieceBytes - LongestLineBytes)
            {
                yield return piece.AsMemory(0, used);
                used = 0;
            }
        }
        used += Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"end {sum}\n"), piece.AsSpan(used));
        yield return piece.AsMemory(0, used);
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> One(string line)
    {
        await Task.CompletedTask;
        yield return Encoding.UTF8.GetBytes(line);
    }

    /// <summary>Runs of blocks in the same state: the first block, how many, and the state.</summary>
    public static IEnumerable<(ulong First, ulong Count, BlockState State)> Ranges(TrackGeometry geometry, EpochSet set)
    {
        ulong first = 0, count = 0;
        var state = BlockState.Clean;
        for (PageCursor at = set.Pages(); at.Next();)
        {
            for (int i = 0; i < geometry.WordsPerPage; i++)
            {
                ulong word = at.Words[i];
                if (word == 0)
                    continue;
                ulong block = ((ulong)at.Page << geometry.PageShift) + (ulong)(i * TrackGeometry.BlocksPerWord);
                for (; word != 0; word >>= 2, block++)
                {
                    var now = (BlockState)(word & 3);
                    if (now == BlockState.Clean)
                        continue;
                    if (count > 0 && now == state && block == first + count)
                    {
                        count++;
                        continue;
                    }
                    if (count > 0)
                        yield return (first, count, state);
                    (first, count, state) = (block, 1, now);
                }
            }
        }
        if (count > 0)
            yield return (first, count, state);
    }

    static int Put(Span<byte> into, ulong sector, ulong sectors, BlockState state)
    {
        sector.TryFormat(into, out int used, default, CultureInfo.InvariantCulture);
        into[used++] = (byte)' ';
        sectors.TryFormat(into[used..], out int more, default, CultureInfo.InvariantCulture);
        used += more;
        ReadOnlySpan<byte> word = state == BlockState.Data ? " data\n"u8 : " discarded\n"u8;
        word.CopyTo(into[used..]);
        return used + word.Length;
    }
}
