using System.Numerics;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>A set of CPUs, as sched_setaffinity(2) and the driver's GET_QUEUE_AFFINITY have it: a bit for each, little-endian.</summary>
sealed unsafe class CpuSet
{
    /// <summary>Room for 1024 CPUs, as cpu_set_t of the C library.</summary>
    public const int ByteCount = 128;

    readonly byte[] _bits;

    public CpuSet(ReadOnlySpan<byte> bits)
    {
        _bits = new byte[ByteCount];
        bits[..Math.Min(bits.Length, ByteCount)].CopyTo(_bits);
    }

    CpuSet(IEnumerable<int> cpus)
    {
        _bits = new byte[ByteCount];
        foreach (int cpu in cpus)
            _bits[cpu >> 3] |= (byte)(1 << (cpu & 7));
    }

    /// <summary>How many.</summary>
    public int Count => _bits.Sum(bits => BitOperations.PopCount(bits));

    /// <summary>Their numbers, ascending.</summary>
    public IEnumerable<int> Cpus => Enumerable.Range(0, ByteCount * 8).Where(cpu => (_bits[cpu >> 3] & (1 << (cpu & 7))) != 0);

    /// <summary>What the calling thread may run on.</summary>
    public static CpuSet OfThisThread()
    {
        byte[] bits = new byte[ByteCount];
        fixed (byte* at = bits)
        {
            if (Libc.sched_getaffinity(0, ByteCount, at) < 0)
                throw new DmException(DmFailure.Failed, $"sched_getaffinity: {ErrnoName.Describe(Libc.Errno)}");
        }
        return new CpuSet(bits);
    }

    /// <summary>One part for each of a number of workers, as equal as can be: of 8 CPUs and 3 workers 3, 3 and 2, side by side.</summary>
    public CpuSet[] Split(int parts)
    {
        int[] cpus = [.. Cpus];
        return [.. Enumerable.Range(0, parts).Select(part => cpus.Length <= part
            ? this
            : new CpuSet(cpus.Where((_, at) => at * Math.Min(parts, cpus.Length) / cpus.Length == part)))];
    }

    /// <summary>How many CPUs both have.</summary>
    public int Common(CpuSet other) => Enumerable.Range(0, ByteCount).Sum(at => BitOperations.PopCount((uint)(_bits[at] & other._bits[at])));

    /// <summary>The calling thread runs on these from now on. A CPU that has gone away meanwhile is no error: it stays where it is.</summary>
    public void Pin()
    {
        fixed (byte* bits = _bits)
            _ = Libc.sched_setaffinity(0, ByteCount, bits);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Cpus);
}
