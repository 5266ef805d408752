using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>A layer a request is inside: the line that took it, the sector at which it entered, and when, if somebody watches (else 0).</summary>
struct Frame
{
    public LayerLine Line;
    public ulong Sector;
    public long StartNs;
}

/// <summary>The layers a request is inside, outermost first. Deeper stacks go on in a child request.</summary>
[InlineArray(Capacity)]
struct Frames
{
    public const int Capacity = 16;
    Frame _first;
}
