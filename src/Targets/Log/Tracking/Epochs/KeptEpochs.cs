namespace Ublk.Targets.Log;

/// <summary>One or more epochs that are kept as one: what changed after the checkpoint before, until this one.</summary>
readonly record struct KeptEpochs(ulong Until, EpochSet Set);
