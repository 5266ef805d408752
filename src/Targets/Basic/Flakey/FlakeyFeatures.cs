using System.Text;

namespace Ublk.Targets.Basic;

/// <summary>What a flakey line does while it is down. Words, numbers and rejections are those of the kernel's 1.5.0.</summary>
sealed class FlakeyFeatures
{
    /// <summary>Probabilities are given in billionths.</summary>
    public const uint Certain = 1_000_000_000;

    /// <summary>The longest list: everything that may be said at once.</summary>
    const int MostWords = 11;

    FlakeyFeatures()
    {
    }

    public bool ErrorReads { get; private set; }

    public bool ErrorWrites { get; private set; }

    public bool DropWrites { get; private set; }

    public CorruptByte? Corrupt { get; private set; }

    public uint RandomReadCorrupt { get; private set; }

    public uint RandomWriteCorrupt { get; private set; }

    public bool SeesData => Corrupt is not null || RandomReadCorrupt > 0 || RandomWriteCorrupt > 0;

    public bool CorruptsReads => Corrupt is { OfWrites: false } || RandomReadCorrupt > 0;

    public bool CorruptsWrites => Corrupt is { OfWrites: true } || RandomWriteCorrupt > 0;

    /// <summary>[C] Reads <c>[&lt;count&gt; &lt;word&gt;...]</c>. Without any feature all I/O fails while down.</summary>
    public static FlakeyFeatures Read(TableLine line)
    {
        var features = new FlakeyFeatures();
        if (line.Remaining > 0)
        {
            int left = (int)line.Number("number of feature arguments", 0, MostWords);
            if (left > line.Remaining)
                throw line.Error($"says {left}, but {line.Remaining} arguments follow");
            while (left > 0)
                left -= features.ReadOne(line, left);
        }
        features.Check();
        return features;
    }

    /// <summary>As 6.12 prints it; 6.1 prints <c>0 </c> where this prints the two defaults.</summary>
    public override string ToString()
    {
        int count = 0;
        var words = new StringBuilder();
        Add(ErrorReads, 1, "error_reads");
        Add(DropWrites, 1, "drop_writes");
        Add(ErrorWrites, 1, "error_writes");
        Add(Corrupt is not null, 5, $"{CorruptByte.Word} {Corrupt}");
        Add(RandomReadCorrupt > 0, 2, $"random_read_corrupt {RandomReadCorrupt}");
        Add(RandomWriteCorrupt > 0, 2, $"random_write_corrupt {RandomWriteCorrupt}");
        return $"{count}{words}";

        void Add(bool said, int wordCount, string text)
        {
            if (!said)
                return;
            count += wordCount;
            words.Append(' ').Append(text);
        }
    }

    /// <summary>Reads one feature of at most <paramref name="left"/> words; the number of words it took.</summary>
    int ReadOne(TableLine line, int left)
    {
        string word = line.Word("feature").ToLowerInvariant();
        switch (word)
        {
            case "error_reads":
                ErrorReads = Once(ErrorReads);
                return 1;
            case "drop_writes":
                if (ErrorWrites)
                    throw line.Error("drop_writes conflicts with error_writes: a write is either forgotten or failed");
                DropWrites = Once(DropWrites);
                return 1;
            case "error_writes":
                if (DropWrites)
                    throw line.Error("error_writes conflicts with drop_writes: a write is either forgotten or failed");
                ErrorWrites = Once(ErrorWrites);
                return 1;
            case CorruptByte.Word:
                Once(Corrupt is not null);
                Takes(5, "a byte number, r or w, a value and a flags mask");
                Corrupt = CorruptByte.Read(line);
                return 5;
            case "random_read_corrupt":
                Once(RandomReadCorrupt > 0);
                Takes(2, "a probability in billionths");
                RandomReadCorrupt = (uint)line.Number("probability of a corrupted read", 0, Certain);
                return 2;
            case "random_write_corrupt":
                Once(RandomWriteCorrupt > 0);
                Takes(2, "a probability in billionths");
                RandomWriteCorrupt = (uint)line.Number("probability of a corrupted write", 0, Certain);
                return 2;
            default:
                throw line.Error($"'{word}' is no feature of flakey; there are error_reads, drop_writes, error_writes, corrupt_bio_byte, "
                    + "random_read_corrupt and random_write_corrupt");
        }

        bool Once(bool said) => said ? throw line.Error($"{word} is given twice") : true;

        void Takes(int words, string what)
        {
            if (left < words)
                throw line.Error($"{word} is followed by {what}: {words} words with its own, and the count leaves {left}");
        }
    }

    void Check()
    {
        if (DropWrites && CorruptsWrites)
            throw new TableException(0, "drop_writes is incompatible with corrupting writes: nothing is written that could be corrupted");
        if (ErrorWrites && CorruptsWrites)
            throw new TableException(0, "error_writes is incompatible with corrupting writes: nothing is written that could be corrupted");
        if (ErrorReads && CorruptsReads)
            throw new TableException(0, "error_reads is incompatible with corrupting reads: nothing is read that could be corrupted");
        if (!ErrorReads && !DropWrites && !ErrorWrites && !SeesData)
            ErrorReads = ErrorWrites = true;
    }
}
