namespace Ublk.Load;

/// <summary>Which block comes next, and whether it is read. [W] One for each worker; random ones from a seed (xorshift64*, Vigna 2014).</summary>
sealed class Blocks
{
    readonly Pattern _pattern;
    readonly ulong _blockSectors;
    readonly ulong _first;
    readonly ulong _count;
    ulong _next;
    ulong _state;

    /// <summary>The blocks of worker <paramref name="index"/>: all of the device at random, or in order its own share of it.</summary>
    public Blocks(Workload workload, ulong deviceSectors, int index)
    {
        _pattern = workload.Pattern;
        _blockSectors = (ulong)workload.BlockBytes >> Sectors.Shift;
        ulong sectors = workload.SizeBytes >> Sectors.Shift ?? deviceSectors;
        if (sectors > deviceSectors)
            throw new LoadException($"--size is {sectors} sectors, the device has {deviceSectors}");
        ulong all = sectors / _blockSectors;
        bool isInOrder = _pattern is Pattern.Read or Pattern.Write;
        ulong share = isInOrder ? all / (ulong)workload.Workers : all;
        if (share == 0)
            throw new LoadException($"{sectors} sectors are too few for blocks of {workload.BlockBytes} bytes and {workload.Workers} workers");
        _first = isInOrder ? share * (ulong)index : 0;
        _count = share;
        _state = ((workload.Seed + 1) * 0x9E3779B97F4A7C15) ^ ((ulong)(index + 1) * 0xBF58476D1CE4E5B9);
        if (_state == 0)
            _state = 1;     // the one state it never leaves
    }

    /// <summary>The next operation and its first sector.</summary>
    public BlockOp Next(out ulong sector)
    {
        if (_pattern is Pattern.Read or Pattern.Write)
        {
            ulong block = _next;
            _next = block + 1 == _count ? 0 : block + 1;
            sector = (_first + block) * _blockSectors;
            return _pattern == Pattern.Read ? BlockOp.Read : BlockOp.Write;
        }
        ulong random = Random();
        sector = Math.BigMul(random, _count, out _) * _blockSectors;
        return _pattern switch
        {
            Pattern.RandRead => BlockOp.Read,
            Pattern.RandWrite => BlockOp.Write,
            _ => (random & 1) == 0 ? BlockOp.Read : BlockOp.Write,      // the block comes from the upper bits
        };
    }

    ulong Random()
    {
        ulong x = _state;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        _state = x;
        return x * 0x2545F4914F6CDD1D;
    }
}
