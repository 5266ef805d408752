namespace Ublk.Targets.Log;

/// <summary>A word of 32 blocks' states, two bits each, the first block's lowest.</summary>
static class StateWord
{
    /// <summary>The low bit of each state, which is also the word of 32 blocks with data.</summary>
    public const ulong LowBits = 0x5555_5555_5555_5555;

    /// <summary>The word of 32 blocks in this state.</summary>
    public static ulong All(BlockState state) => (ulong)state * LowBits;

    /// <summary>What all blocks of a page are, if it is data or discarded; else clean, and so for a page of different blocks.</summary>
    public static BlockState Uniform(ReadOnlySpan<ulong> words)
    {
        var state = (BlockState)(words[0] & 3);
        return state is BlockState.Data or BlockState.Discarded && !words.ContainsAnyExcept(All(state)) ? state : BlockState.Clean;
    }
}
