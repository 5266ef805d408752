namespace Ublk.Formats.Requests;

/// <summary>A set of operations: bit i is <see cref="RecordOp"/> i. People write it as letters.</summary>
[Flags]
public enum RecordOps : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>r</summary>
    Read = 1,

    /// <summary>w</summary>
    Write = 2,

    /// <summary>f</summary>
    Flush = 4,

    /// <summary>d</summary>
    Discard = 8,

    /// <summary>z</summary>
    WriteZeroes = 16,

    /// <summary>rwfdz</summary>
    All = 31,

    /// <summary>Those that change sectors.</summary>
    Changing = Write | Discard | WriteZeroes,
}
