namespace Ublk;

/// <summary>A table or message that is refused.</summary>
/// <param name="argument">Which argument, from 1; 0: the line or message as a whole.</param>
/// <param name="why">What is wrong and what to do, without the position.</param>
/// <param name="what">The argument's name.</param>
public sealed class TableException(int argument, string why, string? what = null) : Exception(why)
{
    /// <summary>Which argument, from 1; 0: the line as a whole.</summary>
    public int Argument => argument;

    /// <summary>The argument's name, for <c>argument 2 (COW device)</c>.</summary>
    public string? What => what;
}
