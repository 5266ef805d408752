using System.Runtime.CompilerServices;

namespace Ublk;

/// <summary>
/// What <see cref="TargetShard.Map"/> made of a request: done with an errno, done when a task is, or handed on by
/// <see cref="BlockRequest.Remap"/>. The engine completes the request from this value, so nothing can complete it twice or never.
/// </summary>
/// <remarks>16 bytes, so that it comes back in two registers and a layer that hands on writes no memory.</remarks>
public readonly struct MapResult
{
    /// <summary>Sectors end far below: a byte offset has 63 bits.</summary>
    const ulong HandedOnBit = 1UL << 63;

    readonly object? _what;     // BackingDevice, or IoSource<Errno>, or none
    readonly ulong _number;     // sector with the bit, or errno

    /// <summary>Handed on.</summary>
    internal MapResult(BackingDevice device, ulong sector)
    {
        _what = device;
        _number = sector | HandedOnBit;
    }

    MapResult(IoSource<Errno>? source, Errno result)
    {
        _what = source;
        _number = (ushort)result;
    }

    /// <summary>True when the request was handed on.</summary>
    internal bool IsHandedOn => (_number & HandedOnBit) != 0;

    /// <summary>Where to, when handed on.</summary>
    internal BackingDevice Device => Unsafe.As<BackingDevice>(_what!);

    /// <summary>The sector of <see cref="Device"/>.</summary>
    internal ulong Sector => _number & ~HandedOnBit;

    /// <summary>The request's result, when not handed on.</summary>
    internal IoTask<Errno> Task => new(Unsafe.As<IoSource<Errno>>(_what), (Errno)_number);

    /// <summary>Done, with this result.</summary>
    public static implicit operator MapResult(Errno result) => new(null, result);

    /// <summary>Done when the task is, with its result.</summary>
    public static implicit operator MapResult(IoTask<Errno> task) => new(task.Source, task.Result);
}
