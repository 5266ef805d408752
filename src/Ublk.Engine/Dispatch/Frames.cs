using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>A layer a request is inside: the line that took it, and the sector at which it entered.</summary>
struct Frame
{
    public LayerLine Line;
    public ulong Sector;
}

/// <summary>The layers a request is inside, outermost first. Deeper stacks go on in a child request.</summary>
[InlineArray(Capacity)]
struct Frames
{
    public const int Capacity = 16;
    Frame _first;
}
