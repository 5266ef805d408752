namespace Ublk.Load;

/// <summary>What is issued, in fio's words.</summary>
enum Pattern
{
    /// <summary>Reads of random blocks.</summary>
    RandRead,

    /// <summary>Writes of random blocks.</summary>
    RandWrite,

    /// <summary>Reads of one block after the other.</summary>
    Read,

    /// <summary>Writes of one block after the other.</summary>
    Write,

    /// <summary>Reads and writes of random blocks, as many of the one as of the other.</summary>
    RandRw,
}
